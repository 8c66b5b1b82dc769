using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What a statement reaches beyond its text, by one reading of the catalogue: the database's own code behind names of built-ins, and
/// the relations behind views, below inheritance parents and in schemas. Computed once and kept beside the facts.
/// </summary>
internal sealed class Reach
{
    private readonly Catalogue.Catalogue _catalogue;

    private Reach(SqlFacts facts, Catalogue.Catalogue catalogue)
    {
        _catalogue = catalogue;
        Facts = OwnCodeIn(facts) is { } name
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

    public static Reach Of(SqlFacts facts, Catalogue.Catalogue catalogue)
    {
        if (facts.Reach is Reach known && ReferenceEquals(known._catalogue, catalogue))
            return known;
        var made = new Reach(facts, catalogue);
        facts.Reach = made;
        return made;
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
        var start = _catalogue.Named(named.Name).Where(r => named.Schema.Length == 0 || r.Schema == named.Schema).Select(static r => r.Oid).ToArray();
        var seen = start.ToHashSet();
        var open = new Queue<uint>(start);
        while (open.TryDequeue(out var oid))
        {
            foreach (var next in _catalogue.ReachedFrom(oid, childrenOnly))
            {
                if (seen.Add(next))
                    open.Enqueue(next);
            }
        }
        return seen.Except(start).Select(_catalogue.Find).OfType<CatalogueRelation>().Select(Named);
    }

    private static EffectObject Named(CatalogueRelation relation) => new(ObjectType.Relation, relation.Schema, relation.Name);
}
