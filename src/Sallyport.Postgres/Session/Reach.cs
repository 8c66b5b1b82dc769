using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What a statement reaches beyond its text, by one reading of the catalogue: the database's own code that it runs, and the relations
/// behind views, below inheritance parents and in schemas. Computed once and kept beside the facts.
/// </summary>
internal sealed class Reach
{
    private readonly Catalogue.Catalogue _catalogue;

    private Reach(SqlFacts facts, Catalogue.Catalogue catalogue, SqlReader sql)
    {
        _catalogue = catalogue;
        var trail = new CodeTrail(catalogue, sql);
        trail.Follow(facts);
        Facts = trail.Effects.SequenceEqual(facts.Effects) ? facts : With(facts, [.. trail.Effects]);
        Masked = MaskedOf(facts, trail);
        RunsCode = trail.RunsCode;
        Unsettled = trail.Met is { } met
            ? With(Facts, [.. Facts.Effects, Opaque($"{met} may have been changed in this transaction")])
            : Facts;
        Behind = [.. BehindOf(Facts), .. trail.Behind.Select(e => new SqlFacts([e], []) { Text = facts.Text })];
    }

    /// <summary>The facts with all that the database's own code does; opaque when some of it cannot be read.</summary>
    public SqlFacts Facts { get; }

    /// <summary>
    /// The facts for masking: opaque when the database's own code may run, but for functions whose value comes from their arguments
    /// alone. Code that was read may still read masked columns.
    /// </summary>
    public SqlFacts Masked { get; }

    /// <summary>The facts for a session that changed code and did not commit yet: no code of the database's own can be read.</summary>
    public SqlFacts Unsettled { get; }

    /// <summary>True when the database's own code is run, so that the facts depend on how it was at the reading.</summary>
    public bool RunsCode { get; }

    /// <summary>
    /// One effect each: the same, on a relation that is reached through the named one. A rule that allows need not cover them, since
    /// a view is what its owner lends; one that denies or holds counts.
    /// </summary>
    public ImmutableArray<SqlFacts> Behind { get; }

    public static Reach Of(SqlFacts facts, Catalogue.Catalogue catalogue, SqlReader sql)
    {
        if (facts.Reach is Reach known && ReferenceEquals(known._catalogue, catalogue))
            return known;
        var made = new Reach(facts, catalogue, sql);
        facts.Reach = made;
        return made;
    }

    private static SqlFacts MaskedOf(SqlFacts facts, CodeTrail trail)
    {
        if (trail.Untrusted is { } name)
            return With(facts, [.. facts.Effects, Opaque($"{name} may be the database's own code")]);
        return trail.Followed.Count == 0 ? facts : With(facts, [.. facts.Effects.Where(e => !CodeTrail.StandsForCall(e, trail.Followed))]);
    }

    private static SqlFacts With(SqlFacts facts, ImmutableArray<Effect> effects) => new(effects, facts.Statements) { Text = facts.Text };

    private static Effect Opaque(string why) => new(EffectKind.Opaque, "call_function") { Detail = why };

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
