using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Deciding;

/// <summary>Rules, effects and objects in words, for hints and explanations.</summary>
internal static class RuleWords
{
    public static string Kind(EffectKind kind) => YamlScalars.Spell(kind);

    public static string Verdict(DecisionKind kind) => YamlScalars.Spell(kind);

    public static string Mask(Mask mask) => mask.Kind == MaskKind.Fixed ? $"fixed \"{mask.Value}\"" : YamlScalars.Spell(mask.Kind);

    public static string Detectors(Detectors detectors) => string.Join(
        ", ", Enum.GetValues<Detectors>().Where(d => d != Core.Detectors.None && detectors.HasFlag(d)).Select(YamlScalars.Spell));

    /// <summary><c>write (delete) without where on public.customers</c>.</summary>
    public static string Effect(Effect effect, EffectObject? target)
    {
        var verb = effect.Verb.Length == 0 || effect.Verb == Kind(effect.Kind) ? "" : $" ({effect.Verb})";
        var where = effect.Where == WhereClause.Missing ? " without where" : "";
        return $"{Kind(effect.Kind)}{verb}{where}{(target is null ? "" : $" on {Object(target)}")}";
    }

    public static string Object(EffectObject target)
    {
        var type = target.Type is ObjectType.Relation or ObjectType.Other ? "" : YamlScalars.Spell(target.Type) + " ";
        // Paths and words come from clients, and this goes to terminals.
        var name = SafeText.Show(target.ToString());
        if (target.IsTree)
            return $"{type}{name} and all below it";
        return target.Columns.IsEmpty ? $"{type}{name}" : $"{type}{name} ({string.Join(", ", target.Columns)})";
    }

    /// <summary><c>10000 rows read and 60 statements per minute, per session</c>.</summary>
    public static string Budget(Budget budget)
    {
        List<string> limits = [];
        var within = budget.Within is { } span ? $" within {YamlScalars.Show(span)}" : "";
        if (budget.RowsRead is { } read)
            limits.Add($"{read} rows read{within}");
        if (budget.RowsWritten is { } written)
            limits.Add($"{written} rows written{within}");
        if (budget.StatementsPerMinute is { } statements)
            limits.Add($"{statements} statements per minute");
        return $"{string.Join(" and ", limits)}, per {YamlScalars.Spell(budget.Per)}";
    }

    /// <summary>What a rule is about, resource and principals left out: <c>update, delete with where present</c>.</summary>
    public static string What(Rule rule)
    {
        var words = new List<string> { Do(rule) };
        if (rule.If.Where is { } where)
            words.Add($"with where {YamlScalars.Spell(where)}");
        Add(words, "relation", rule.If.Relation);
        Add(words, "function", rule.If.Function);
        Add(words, "schema", rule.If.Schema);
        Add(words, "column", rule.If.Column);
        Add(words, "role", rule.If.Role);
        Add(words, "setting", rule.If.Setting);
        Add(words, "database", rule.If.Database);
        Add(words, "path", rule.If.Path);
        Add(words, "command", rule.If.Command);
        Add(words, "destination", rule.If.Destination);
        Add(words, "line", rule.If.Line);
        if (rule.IsCommandMode)
            words.Add("(shells in command mode)");
        return string.Join(' ', words);
    }

    private static string Do(Rule rule)
    {
        if (rule.Do is not { } named)
            return "anything";
        var kinds = Enum.GetValues<EffectKind>().Where(named.NamesKind).Select(Kind);
        return string.Join(", ", kinds.Concat(named.Verbs.Select(static v => v.Text)));
    }

    private static void Add<T>(List<string> words, string key, ImmutableArray<T>? patterns)
    {
        if (patterns is { } list)
            words.Add($"of {key} {string.Join(", ", list)}");
    }
}
