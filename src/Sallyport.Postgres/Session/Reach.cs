using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What a statement reaches beyond its text, by what its names mean: the database's own code behind names of built-ins, and the
/// relations behind views, below inheritance parents and in schemas. Computed once for all who mean the same by names, and kept beside
/// the facts.
/// </summary>
internal sealed class Reach
{
    // Search paths that are in use at once; with more, some are worked out again.
    private const int MaxKept = 8;

    private readonly Catalogue.Catalogue _catalogue;

    private Reach(SqlFacts facts, RelationScope scope)
    {
        Scope = scope;
        _catalogue = scope.Catalogue;
        Facts = (OwnCodeIn(facts) ?? ShadowIn(facts)) is { } name
            ? new SqlFacts([.. facts.Effects, new Effect(EffectKind.Opaque, "call_function") { Detail = $"{name} may be the database's own code" }], facts.Statements) { Text = facts.Text }
            : facts;
        Behind = BehindOf(facts);
    }

    /// <summary>The facts, opaque when the database's own code may run.</summary>
    public SqlFacts Facts { get; }

    /// <summary>
    /// One effect each: the same, on a relation that is reached through the named one. A rule that allows need not cover them, since
    /// a view is what its owner lends; one that denies or holds counts.
    /// </summary>
    public ImmutableArray<SqlFacts> Behind { get; }

    /// <summary>What the names were taken to mean.</summary>
    public RelationScope Scope { get; }

    public static Reach Of(SqlFacts facts, RelationScope scope)
    {
        var known = facts.Reach as Reach[] ?? [];
        foreach (var reach in known)
        {
            if (ReferenceEquals(reach.Scope, scope))
                return reach;
        }
        var made = new Reach(facts, scope);
        facts.Reach = (Reach[])[made, .. known.AsSpan(0, Math.Min(known.Length, MaxKept - 1))];
        return made;
    }

    /// <summary>A function that the session would find before the built-in of its name.</summary>
    private string? ShadowIn(SqlFacts facts)
    {
        foreach (var statement in facts.Statements)
        {
            foreach (var function in statement.Functions)
            {
                if (function.Schema.Length == 0 && Scope.ShadowsBuiltIn(function.Name))
                    return function.Name;
            }
            if (statement.Body is { } body && ShadowIn(body) is { } inner)
                return inner;
        }
        return null;
    }

    private string? OwnCodeIn(SqlFacts facts)
    {
        var own = _catalogue.OwnCode;
        if (own.IsEmpty)
            return null;
        foreach (var statement in facts.Statements)
        {
            if (OwnCodeIn(statement, own) is { } name)
                return name;
            if (statement.Body is { } body && OwnCodeIn(body) is { } inner)
                return inner;
        }
        return null;
    }

    private static string? OwnCodeIn(SqlStatement statement, OwnCode own)
    {
        foreach (var function in statement.Functions)
        {
            if (function.Schema != "pg_catalog" && own.HasFunction(function.Name))
                return function.Name;
        }
        return statement.Notations.FirstOrDefault(own.HasNotation) ?? statement.Operators.FirstOrDefault(own.HasOperator) ?? statement.Casts.FirstOrDefault(own.HasCastTo);
    }

    private ImmutableArray<SqlFacts> BehindOf(SqlFacts facts)
    {
        var behind = ImmutableArray.CreateBuilder<SqlFacts>();
        foreach (var effect in facts.Effects)
        {
            foreach (var thing in effect.Objects)
                behind.AddRange(ReachedFrom(thing, effect.Kind).Select(r => new SqlFacts([effect with { Objects = [r] }], []) { Text = facts.Text }));
        }
        return behind.ToImmutable();
    }

    private IEnumerable<EffectObject> ReachedFrom(EffectObject named, EffectKind kind)
    {
        var isChange = kind is EffectKind.Alter or EffectKind.Drop;
        if (isChange && named.Type == ObjectType.Schema)
            return _catalogue.Relations.Where(r => r.Schema == named.Name).Select(Named);
        return named.Type == ObjectType.Relation && (isChange || kind is EffectKind.Read or EffectKind.Write)
            ? ReachedFrom(named, childrenOnly: isChange)
            : [];
    }

    private IEnumerable<EffectObject> ReachedFrom(EffectObject named, bool childrenOnly)
    {
        var start = Scope.Find(named.Schema, named.Name).Select(static r => r.Oid).ToArray();
        var seen = start.ToHashSet();
        var open = new Queue<uint>(start);
        while (open.TryDequeue(out var oid))
        {
            foreach (var next in Scope.ReachedFrom(oid, childrenOnly))
            {
                if (seen.Add(next))
                    open.Enqueue(next);
            }
        }
        return seen.Except(start).Select(Scope.Find).OfType<CatalogueRelation>().Select(Named);
    }

    private static EffectObject Named(CatalogueRelation relation) => new(ObjectType.Relation, relation.Schema, relation.Name);
}
