using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Policy.Rules;

/// <summary>
/// The <c>if</c> of a rule. <c>where</c> and <c>line</c> are about the effect. The others are about its objects: an object meets the
/// condition of its own type (<c>relation</c>, <c>function</c>, <c>schema</c>, <c>role</c>, <c>setting</c>, <c>database</c>, <c>path</c>,
/// <c>command</c>, <c>destination</c>); <c>schema</c>
/// also narrows relations and functions, <c>column</c> narrows relations. Each is a list of which any may match;
/// null when the rule does not have it.
/// </summary>
internal sealed record ObjectConditions
{
    public static readonly ObjectConditions None = new();

    public WhereClause? Where { get; init; }

    /// <summary>Exact texts of shell lines.</summary>
    public ImmutableArray<string>? Line { get; init; }

    public ImmutableArray<NamePattern>? Relation { get; init; }

    public ImmutableArray<NamePattern>? Function { get; init; }

    public ImmutableArray<Glob>? Schema { get; init; }

    public ImmutableArray<Glob>? Column { get; init; }

    public ImmutableArray<Glob>? Role { get; init; }

    public ImmutableArray<Glob>? Setting { get; init; }

    public ImmutableArray<Glob>? Database { get; init; }

    public ImmutableArray<PathPattern>? Path { get; init; }

    public ImmutableArray<CommandPattern>? Command { get; init; }

    public ImmutableArray<DestinationPattern>? Destination { get; init; }

    public bool AboutObjects => Relation is not null || Function is not null || Schema is not null || Column is not null ||
        Role is not null || Setting is not null || Database is not null || Path is not null ||
        Command is not null || Destination is not null;

    public bool IsEmpty => Where is null && Line is null && !AboutObjects;

    /// <summary>Whether the effect on that object (null: an effect without objects) meets the conditions.</summary>
    /// <param name="effect">The effect.</param>
    /// <param name="target">One of its objects, or null when it has none.</param>
    /// <param name="names">What the object's name may mean.</param>
    /// <param name="all">True in a rule that allows: every meaning and every column must fit. False: any one is enough.</param>
    public bool Match(Effect effect, EffectObject? target, ref NameMeanings names, bool all)
    {
        if (Where is { } where && effect.Where != where)
            return false;
        if (Line is { } lines && (effect.Line is not { } line || !lines.Contains(line)))
            return false;
        if (!AboutObjects)
            return true;
        if (target is null)
            return false;
        return target.Type switch
        {
            ObjectType.Relation => (Relation is not null || Schema is not null || Column is not null) &&
                MatchColumns(target, all) && MatchNamed(Relation, target, ref names, all),
            ObjectType.Function => (Function is not null || (Schema is not null && Column is null && Relation is null)) &&
                MatchNamed(Function, target, ref names, all),
            ObjectType.Schema => Schema is not null && Column is null && Relation is null && Function is null && Any(Schema, target.Name),
            ObjectType.Role => Any(Role, target.Name),
            ObjectType.Setting => Any(Setting, target.Name),
            ObjectType.Database => Any(Database, target.Name),
            ObjectType.Path => MatchPath(target, all),
            ObjectType.Command => Command is { } commands && commands.Any(c => c.Matches(target.Words)),
            ObjectType.Destination => Destination is { } destinations && destinations.Any(d => d.Matches(target.Name)),
            _ => false,
        };
    }

    private bool MatchPath(EffectObject target, bool all)
    {
        if (Path is not { } patterns)
            return false;
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(target.Name, target.IsTree, all))
                return true;
        }
        return false;
    }

    private bool MatchColumns(EffectObject target, bool all)
    {
        if (Column is not { } columns)
            return true;
        if (target.Columns.IsEmpty)
            return !all; // all columns, or not known: a rule that denies must assume the worst, one that allows cannot
        foreach (var column in target.Columns)
        {
            if (Any(columns, column) != all)
                return !all;
        }
        return all;
    }

    private bool MatchNamed(ImmutableArray<NamePattern>? patterns, EffectObject target, ref NameMeanings names, bool all)
    {
        if (patterns is null && Schema is null)
            return true;
        if (target.Schema.Length > 0)
            return MatchName(patterns, target.Schema, target.Name);
        var schemas = names.Of(target);
        if (schemas.IsEmpty)
            return MatchUnknown(patterns, target.Name, all);
        foreach (var schema in schemas)
        {
            if (MatchName(patterns, schema, target.Name) != all)
                return !all;
        }
        return all;
    }

    private bool MatchName(ImmutableArray<NamePattern>? patterns, string schema, string name)
    {
        if (Schema is not null && !Any(Schema, schema))
            return false;
        if (patterns is not { } list)
            return true;
        foreach (var pattern in list)
        {
            if (pattern.Matches(schema, name))
                return true;
        }
        return false;
    }

    /// <summary>No object of that name is known: it may turn out to be in any schema.</summary>
    private bool MatchUnknown(ImmutableArray<NamePattern>? patterns, string name, bool all)
    {
        if (all && Schema is { } schemas && !schemas.Any(static s => s.IsAny))
            return false;
        return patterns is not { } list || list.Any(p => p.Name.Matches(name) && (!all || p.Schema.IsAny));
    }

    private static bool Any(ImmutableArray<Glob>? globs, string text)
    {
        if (globs is not { } list)
            return false;
        foreach (var glob in list)
        {
            if (glob.Matches(text))
                return true;
        }
        return false;
    }
}
