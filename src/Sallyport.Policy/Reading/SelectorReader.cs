using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Reading;

/// <summary>Reads who, except, on and do.</summary>
internal sealed class SelectorReader
{
    private static readonly string[] EffectNames = [.. Enum.GetValues<EffectKind>().Select(YamlScalars.Spell)];
    private static readonly string[] Prefixes = ["user", "agent", "service", "onBehalfOf"];
    private readonly PolicyContext _context;

    public SelectorReader(PolicyContext context) => _context = context;

    public ImmutableArray<WhoSelector> Who(YamlNode? node) => node is null ? [] : NotEmpty(node, OneWho);

    public OnSelector? On(YamlNode? node) => node switch
    {
        null => null,
        YamlMap map => OnMap(map),
        YamlScalar { Value: "everything" } => OnSelector.Everything,
        _ => new OnSelector(NotEmpty(node, ResourceName), [], []),
    };

    public DoSelector? Do(YamlNode? node)
    {
        if (node is null)
            return null;
        var kinds = 0;
        var verbs = ImmutableArray.CreateBuilder<Glob>();
        foreach (var item in NotEmpty(node, static i => i))
        {
            if (item.AsText() is not { } text)
                continue;
            if (Array.IndexOf(EffectNames, text) is >= 0 and var kind)
                kinds |= 1 << kind;
            else if (IsVerb(item, text))
                verbs.Add(new Glob(text));
        }
        return new DoSelector(kinds, verbs.ToImmutable());
    }

    private WhoSelector? OneWho(YamlNode node)
    {
        if (node.AsText() is not { } text)
            return null;
        if (text == "everyone")
            return new WhoSelector(WhoKind.Everyone, "");
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            const string Advice = "For one principal write user:, agent: or service: and the name.";
            WarnUnknown(node, text, _context.Groups, "No known principal is in group", Advice);
            return new WhoSelector(WhoKind.Group, text);
        }
        var (prefix, name) = (text[..colon], text[(colon + 1)..]);
        if (Array.IndexOf(Prefixes, prefix) is >= 0 and var kind && name.Length > 0)
            return new WhoSelector((WhoKind)((int)WhoKind.User + kind), name);
        var near = Suggestion.For(prefix, Prefixes);
        node.Problems.Error(node, $"\"{text}\" must be a group, everyone, or user:, agent:, service: or onBehalfOf: and a name.{near}");
        return null;
    }

    private OnSelector OnMap(YamlMap map)
    {
        ImmutableArray<ResourceKind> kinds = [];
        var labels = ImmutableArray.CreateBuilder<LabelCondition>();
        if (map.Entries.IsEmpty)
            map.Problems.Error(map, "must name a kind or a label.");
        foreach (var (key, value) in map.Entries)
        {
            if (key.Value == "kind")
                kinds = [.. value.AsItems().Select(static i => i.AsChoice<ResourceKind>()).OfType<ResourceKind>()];
            else if (NotEmpty(value, static i => i.AsText()) is { IsEmpty: false } values)
                labels.Add(new LabelCondition(key.Value, values));
        }
        var on = new OnSelector([], kinds, labels.ToImmutable());
        if (_context.Resources is { } resources && !resources.Any(on.Matches))
            map.Problems.Warn(map, "No configured resource has these labels and kind.");
        return on;
    }

    private string? ResourceName(YamlNode node)
    {
        if (node.AsText() is not { } name)
            return null;
        WarnUnknown(node, name, _context.Resources?.Select(static r => r.Name).ToList(), "There is no configured resource", "");
        return name;
    }

    private bool IsVerb(YamlNode node, string text)
    {
        var glob = new Glob(text);
        if (!text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '/' or '-' or '*'))
        {
            var effects = string.Join(", ", EffectNames);
            node.Problems.Error(node, $"\"{text}\" is neither an effect ({effects}) nor a verb (lower case, such as drop_table).");
        }
        else if (_context.Verbs is { } verbs && !verbs.Any(glob.Matches))
            node.Problems.Error(node, $"\"{text}\" is no effect and no verb.{Suggestion.For(text, EffectNames.Concat(verbs))}");
        else if (_context.Verbs is null && Suggestion.For(text, EffectNames) is { Length: > 0 } near)
            node.Problems.Warn(node, $"\"{text}\" is no effect; it is read as a verb.{near}");
        else
            return true;
        return _context.Verbs is null;
    }

    private static void WarnUnknown(YamlNode node, string name, IReadOnlyCollection<string>? known, string what, string advice)
    {
        if (known is null || known.Contains(name))
            return;
        var message = $"{what} \"{name}\".{Suggestion.For(name, known)}";
        node.Problems.Warn(node, advice.Length == 0 ? message : $"{message} {advice}");
    }

    /// <summary>The items that can be read; an empty list is an error, since it would match nothing.</summary>
    internal static ImmutableArray<T> NotEmpty<T>(YamlNode node, Func<YamlNode, T?> read)
        where T : class
    {
        var items = node.AsItems();
        if (items.IsEmpty)
            node.Problems.Error(node, "is an empty list; it would match nothing.");
        return [.. items.Select(read).OfType<T>()];
    }
}
