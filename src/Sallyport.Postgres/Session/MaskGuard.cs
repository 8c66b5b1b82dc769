using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Sql.Lineage;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// The masks of one principal joined to one reading of the catalogue and to what names mean. Says which statements may pass and plans
/// their rows: by the origin that the server reports (table OID and attribute number) and by the one that the grammar shows, and a
/// column is masked when either says so. Immutable but for what it remembers.
/// </summary>
internal sealed partial class MaskGuard
{
    private readonly FrozenDictionary<(uint, short), MaskedColumn> _columns;
    private readonly FrozenSet<uint> _tainted;
    private readonly FrozenSet<uint> _temporary;
    private readonly MaskedRelations _relations;
    private readonly SqlReader _sql;
    private readonly ConditionalWeakTable<RelationScope, MaskGuard> _inScopes;

    public MaskGuard(MaskSet masks, Catalogue.Catalogue catalogue, SqlReader sql)
    {
        Masks = masks;
        Scope = catalogue.Anywhere;
        var map = new MaskMap(masks, catalogue);
        _columns = map.Columns.ToFrozenDictionary();
        _tainted = map.Tainted.ToFrozenSet();
        _temporary = [];
        _sql = sql;
        _relations = new MaskedRelations(Scope, _columns, masks.Columns.Any(static c => c.Predicates != PredicateUse.Allow), sql);
        _inScopes = [];
    }

    private MaskGuard(MaskGuard other, RelationScope scope)
    {
        Masks = other.Masks;
        Scope = scope;
        _columns = other._columns;
        _tainted = other._tainted;
        _temporary = scope.Temporary.Relations.Select(static r => r.Oid).Where(oid => Shows(oid, [])).ToFrozenSet();
        _sql = other._sql;
        _relations = other._relations.In(scope, _temporary);
        _inScopes = other._inScopes;
    }

    public MaskSet Masks { get; }

    /// <summary>What names mean to it.</summary>
    public RelationScope Scope { get; }

    public Catalogue.Catalogue Catalogue => Scope.Catalogue;

    public IRelationShapes Relations => _relations;

    /// <summary>The same masks where names mean what they do in this scope, which is of the same catalogue. The same object for the same scope.</summary>
    public MaskGuard In(RelationScope scope) => ReferenceEquals(scope, Scope) ? this : _inScopes.GetValue(scope, s => new MaskGuard(this, s));

    /// <summary>Looks at a whole query string. <paramref name="reason"/> is for the client.</summary>
    public MaskTouch Inspect(SqlFacts facts, out string? reason)
    {
        var reading = Read(facts);
        reason = reading.Reason;
        return reading.Touch;
    }

    private MaskReading Read(SqlFacts facts)
    {
        if (MaskReading.Find(facts, this) is { } known)
            return known;
        var reading = WhyNotLookedInto(facts) is { } why ? new MaskReading(this, MaskTouch.Refused, why, [])
            : _columns.Count == 0 ? new MaskReading(this, MaskTouch.Untouched, null, [])
            : new MaskInspection(this, Reach.Of(facts, Scope.For(facts), _sql).Masked).Read();
        reading.Keep(facts);
        return reading;
    }

    public bool HoldsTainted(string schema) => _tainted.Any(oid => Catalogue.Find(oid)?.Schema == schema);

    /// <summary>Whether the name may be that of a relation which has or shows a masked column.</summary>
    public bool IsTainted(EffectObject relation)
    {
        foreach (var candidate in Scope.Find(relation.Schema, relation.Name))
        {
            if (IsTainted(candidate.Oid))
                return true;
        }
        return false;
    }

    private bool IsTainted(uint oid) => _tainted.Contains(oid) || _temporary.Contains(oid);

    /// <summary>Whether a temporary relation shows what is masked: a view over it, or a child of what has it.</summary>
    private bool Shows(uint oid, HashSet<uint> seen) => _tainted.Contains(oid) || (seen.Add(oid) &&
        (Scope.ReachedFrom(oid, childrenOnly: false).Any(on => Shows(on, seen)) ||
         Scope.Temporary.Dependencies.Any(d => d.IsInheritance && d.Relation == oid && Shows(d.On, seen))));

    /// <summary>How rows of this shape are masked. <paramref name="facts"/> is what ran, or null when it is not known which statement's rows come.</summary>
    public RowPlan Plan(ReadOnlySpan<FieldDescription> fields, SqlFacts? facts, bool touches)
    {
        var origins = touches && facts is not null ? Read(facts).OriginsOf(fields.Length) : null;
        var agrees = origins is null || Agree(fields, origins.Value.AsSpan());
        var columns = ImmutableArray.CreateBuilder<ColumnPlan>(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            var field = fields[i];
            var origin = !touches ? default : origins is { } known && agrees ? known[i] : Origin.Unknown;
            columns.Add(MaskOf(field, origin) is { } mask
                ? ColumnPlan.Masked(mask, field.TypeOid, field.Format)
                : ColumnPlan.Detected(field.TypeOid, field.Format));
        }
        return new RowPlan(columns.MoveToImmutable(), Masks.Detectors) { IsInDoubt = touches && (origins is null || !agrees) };
    }

    // Where both say which column a value is, they must say the same.
    private static bool Agree(ReadOnlySpan<FieldDescription> fields, ReadOnlySpan<Origin> origins)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].TableOid != 0 && origins[i].Relation != 0 && (fields[i].TableOid, fields[i].Attribute) != (origins[i].Relation, origins[i].Attribute))
                return false;
        }
        return true;
    }

    private Mask? MaskOf(FieldDescription field, Origin origin)
    {
        if (field.TableOid == 0)
            return MaskOf(origin);
        if (_columns.TryGetValue((field.TableOid, field.Attribute), out var column))
            return column.Mask;
        // A whole row has attribute 0; a view's column may be any expression over a masked one.
        if (IsTainted(field.TableOid) && field.Attribute == 0)
            return Mask.Redact;
        if (IsTainted(field.TableOid) && Scope.Find(field.TableOid) is { Kind: 'v' or 'm', Schema: not "pg_catalog" } view)
            return MaskOf(OfColumn(view, field.Attribute));
        // The server says which column it is; but a change may have put another's value there.
        return origin.Masked is null ? null : Mask.Redact;
    }

    private Origin OfColumn(CatalogueRelation relation, short attribute)
    {
        foreach (var column in _relations.Of(relation).Columns)
        {
            if (column.Origin.Attribute == attribute)
                return column.Origin;
        }
        return Origin.Unknown;
    }

    private static Mask? MaskOf(Origin origin) =>
        origin.IsClean ? null : origin is { IsPlain: true, IsUnknown: false } ? origin.Masked!.Mask : Mask.Redact;
}
