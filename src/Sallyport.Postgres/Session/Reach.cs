using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What a statement reaches beyond its text, by what its names mean: the database's own code that it runs, and the relations behind
/// views, below inheritance parents and in schemas. Computed once for all who mean the same by names, and kept beside the facts.
/// </summary>
internal sealed class Reach
{
    // Search paths that are in use at once; with more, some are worked out again.
    private const int MaxKept = 8;

    private readonly Catalogue.Catalogue _catalogue;

    private Reach(SqlFacts facts, RelationScope scope, SqlReader sql)
    {
        Scope = scope;
        _catalogue = scope.Catalogue;
        var trail = new CodeTrail(scope, sql);
        trail.Follow(facts);
        // Which of two functions of a name is run hangs on more than is followed.
        var shadow = ShadowIn(facts);
        if (shadow is not null)
            trail.Effects.Add(MayBeOwn(shadow));
        Facts = trail.Effects.SequenceEqual(facts.Effects) ? facts : With(facts, [.. trail.Effects]);
        Masked = MaskedOf(facts, trail, shadow);
        RunsCode = trail.RunsCode;
        MovesNames = RunsCode && Facts.Effects.Except(facts.Effects).Any(static e => e.Kind is not (EffectKind.Read or EffectKind.Write));
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

    /// <summary>True when that code does what may change the meaning of names, which the text does not show.</summary>
    public bool MovesNames { get; }

    /// <summary>
    /// One effect each: the same, on a relation that is reached through the named one. A rule that allows need not cover them, since
    /// a view is what its owner lends; one that denies or holds counts.
    /// </summary>
    public ImmutableArray<SqlFacts> Behind { get; }

    /// <summary>What the names were taken to mean.</summary>
    public RelationScope Scope { get; }

    public static Reach Of(SqlFacts facts, RelationScope scope, SqlReader sql)
    {
        var known = facts.Reach as Reach[] ?? [];
        foreach (var reach in known)
        {
            if (ReferenceEquals(reach.Scope, scope))
                return reach;
        }
        var made = new Reach(facts, scope, sql);
        facts.Reach = (Reach[])[made, .. known.AsSpan(0, Math.Min(known.Length, MaxKept - 1))];
        return made;
    }

    /// <summary>A function that the session would find before the built-in of its name.</summary>
    private string? ShadowIn(SqlFacts facts)
    {
        foreach (var statement in facts.Statements)
        {
            foreach (var call in statement.Calls)
            {
                if (IsShadow(call))
                    return call.Function.Name;
            }
            if (statement.Body is { } body && ShadowIn(body) is { } inner)
                return inner;
        }
        return null;
    }

    // What is no built-in is followed, or is opaque as it is.
    private bool IsShadow(SqlCall call) =>
        call.Function.Schema.Length == 0 && !CodeTrail.IsOpen(call) && Scope.ShadowsBuiltIn(call.Function.Name) &&
        _catalogue.OwnCode.Named(call.Function.Name).Any(f => f.Fits(call.Arguments));

    private static SqlFacts MaskedOf(SqlFacts facts, CodeTrail trail, string? shadow)
    {
        if ((trail.Untrusted ?? shadow) is { } name)
            return With(facts, [.. facts.Effects, MayBeOwn(name)]);
        return trail.Followed.Count == 0 ? facts : With(facts, [.. facts.Effects.Where(e => !CodeTrail.StandsForCall(e, trail.Followed))]);
    }

    private static SqlFacts With(SqlFacts facts, ImmutableArray<Effect> effects) => new(effects, facts.Statements) { Text = facts.Text };

    private static Effect MayBeOwn(string name) => Opaque($"{name} may be the database's own code");

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
