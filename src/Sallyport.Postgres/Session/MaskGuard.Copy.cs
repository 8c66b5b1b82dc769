using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Session;

/// <content>
/// COPY … TO STDOUT: its data comes without a description. For a relation by name the catalogue says what its columns are; for a query
/// what its outputs are made of. What is of no known type becomes NULL where it must be masked.
/// </content>
internal sealed partial class MaskGuard
{
    /// <summary>Whether COPY data must be looked into at all.</summary>
    public bool LooksIntoCopy(bool touches) => touches || Masks.Detectors != Detectors.None;

    /// <summary>What detectors alone cannot follow.</summary>
    private string? WhyNotLookedInto(SqlFacts facts) =>
        Masks.Detectors == Detectors.None ? null : facts.Statements.Select(static s => s.Copy?.Unreadable).FirstOrDefault(static why => why is not null);

    /// <summary>Why the data of a COPY that touches masked columns cannot be followed, or null; what its query does is looked at as any query's.</summary>
    public string? WhyNotCopy(CopyOptions copy, SqlFacts facts)
    {
        if (copy.Unreadable is { } why)
            return why;
        // In this format a value that is the same as the NULL string is sent as NULL: it would confirm a guess.
        if (copy.Format == CopyFormat.Text && !copy.Null.AsSpan().SequenceEqual(CopyOptions.TextNull))
            return "in text a value that equals the NULL string cannot be told from NULL; leave NULL out, or use csv";
        // Which of several is copying could not be told.
        if (facts.Statements.Any(static s => s.Kind == StatementKind.Execute))
            return "a COPY that stands beside EXECUTE cannot be masked";
        return copy.Relation is null || ColumnsOf(copy) is not null
            ? null
            : "it is not known which columns the COPY sends; write schema.relation (columns)";
    }

    /// <summary>
    /// How the data of a COPY is masked; null when it does not go with what is known. The one place that says what the fields are.
    /// </summary>
    /// <param name="statement">The COPY that is running.</param>
    /// <param name="count">The fields that the server announced.</param>
    public RowPlan? PlanCopy(SqlStatement statement, int count)
    {
        if (statement.Copy is not { Unreadable: null } copy)
            return null;
        var format = (short)(copy.Format == CopyFormat.Binary ? 1 : 0);
        var isTainted = statement.Relations.Any(IsTainted);
        var fields = copy.Relation is not null ? FieldsOf(copy) : isTainted ? FieldsOf(statement.Body!.Statements[0].Query!, count) : null;
        if (fields?.Length != count)
        {
            if (isTainted)
                return null;
            fields = [.. Enumerable.Repeat(new CopyField(0, null), count)];
        }
        return new RowPlan([.. fields.Select(f => f.PlanIn(format))], Masks.Detectors);
    }

    /// <summary>Null when the relation or a column is not known for sure.</summary>
    private CopyField[]? FieldsOf(CopyOptions copy)
    {
        if (ColumnsOf(copy) is not { } columns)
            return null;
        return [.. columns.Select(c => new CopyField(c.Type, MaskOf(c)))];
    }

    private CatalogueColumn[]? ColumnsOf(CopyOptions copy)
    {
        var candidates = CandidatesFor(copy.Relation!).ToArray();
        // The columns of a session's own relations are known when it last said them, which may be before the COPY.
        if (candidates.Length != 1 || Scope.Temporary.Find(candidates[0].Oid) is not null)
            return null;
        var all = Catalogue.Columns.Where(c => c.Relation == candidates[0].Oid).OrderBy(static c => c.Attribute).ToArray();
        if (copy.Columns.IsEmpty)
            return [.. all.Where(static c => !c.IsGenerated)];
        var named = copy.Columns.Select(name => all.FirstOrDefault(c => c.Name == name)).ToArray();
        return named.All(static c => c.Attribute != 0) ? named : null;
    }

    private CopyField[]? FieldsOf(Query query, int count)
    {
        var rows = new LineageResolver(_relations).Resolve(query);
        return rows.IsComplete ? [.. rows.Columns.Select(c => FieldOf(c.Origin))] : [.. Enumerable.Repeat(new CopyField(0, Mask.Redact), count)];
    }

    private CopyField FieldOf(Origin origin)
    {
        var type = Catalogue.Columns.FirstOrDefault(c => c.Relation == origin.Relation && c.Attribute == origin.Attribute).Type;
        return MaskOf(origin) is not { } mask ? new CopyField(type, null) : origin.IsPlain ? new CopyField(type, mask) : new CopyField(0, Mask.Redact);
    }

    private Mask? MaskOf(CatalogueColumn column) =>
        Scope.Find(column.Relation) is { } relation ? MaskOf(OfColumn(relation, column.Attribute)) : Mask.Redact;

    private IEnumerable<CatalogueRelation> CandidatesFor(EffectObject named) =>
        Scope.Find(named.Schema, named.Name);

    /// <param name="Type">OID; 0 when not known.</param>
    /// <param name="Mask">Null when it is kept.</param>
    private readonly record struct CopyField(uint Type, Mask? Mask)
    {
        public ColumnPlan PlanIn(short format) => Mask is null ? ColumnPlan.Detected(Type, format) : ColumnPlan.Masked(Mask, Type, format);
    }
}
