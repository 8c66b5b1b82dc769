using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <content>
/// COPY … TO STDOUT: its data comes without a description. For a relation by name the catalogue says what its columns are; for a query
/// what its outputs are made of. What is of no known type becomes NULL where it must be masked.
/// </content>
internal sealed partial class MaskGuard
{
    /// <summary>Whether COPY data must be looked into at all.</summary>
    public bool LooksIntoCopy(bool touches) => touches || _masks.Detectors != Detectors.None;

    /// <summary>What detectors alone cannot follow.</summary>
    private string? WhyNotLookedInto(SqlFacts facts) => _masks.Detectors == Detectors.None
        ? null
        : facts.Statements.Select(static s => s.Copy?.Unreadable).FirstOrDefault(static why => why is not null);

    private string? WhyNotCopy(SqlStatement statement, SqlFacts facts)
    {
        var copy = statement.Copy!;
        if (copy.Unreadable is { } why)
            return why;
        if (statement.Body is { } query && Inspect(query, out why) == MaskTouch.Refused)
            return why;
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
        var fields = copy.Relation is null ? FieldsOf(statement, count, isTainted) : FieldsOf(copy);
        if (fields?.Length != count)
        {
            if (isTainted)
                return null;
            fields = [.. Enumerable.Repeat(new CopyField(0, null), count)];
        }
        return new RowPlan([.. fields.Select(f => f.PlanIn(format))], _masks.Detectors);
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
        if (candidates.Length != 1)
            return null;
        var all = _catalogue.Columns.Where(c => c.Relation == candidates[0].Oid).OrderBy(static c => c.Attribute).ToArray();
        if (copy.Columns.IsEmpty)
            return [.. all.Where(static c => !c.IsGenerated)];
        var named = copy.Columns.Select(name => all.FirstOrDefault(c => c.Name == name)).ToArray();
        return named.All(static c => c.Attribute != 0) ? named : null;
    }

    private CopyField[] FieldsOf(SqlStatement statement, int count, bool isTainted)
    {
        var query = statement.Body!.Statements[0];
        var isCounted = query.ReadsRelationsOnly && query.Outputs.Length == count;
        var fields = new CopyField[count];
        for (var i = 0; i < count; i++)
        {
            var column = isCounted && query.Outputs[i].Kind == OutputKind.Column ? Only(query, query.Outputs[i].Columns[0]) : null;
            var type = column?.Type ?? 0;
            if (!isTainted || IsClean(i, count, query))
                fields[i] = new CopyField(type, null);
            else
                fields[i] = column is { } known && MaskOf(known) is { } mask ? new CopyField(type, mask) : new CopyField(0, Mask.Redact);
        }
        return fields;
    }

    /// <summary>The column of that name, if only one of the relations that the query names has one.</summary>
    private CatalogueColumn? Only(SqlStatement query, string name)
    {
        var relations = query.Relations.SelectMany(CandidatesFor).Select(static r => r.Oid).ToHashSet();
        var found = _catalogue.Columns.Where(c => c.Name == name && relations.Contains(c.Relation)).Take(2).ToArray();
        return found.Length == 1 ? found[0] : null;
    }

    private Mask? MaskOf(CatalogueColumn column)
    {
        if (_columns.TryGetValue((column.Relation, column.Attribute), out var mask))
            return mask;
        // A view's column may be any expression over a masked one.
        var isView = _catalogue.Find(column.Relation) is { } relation && IsView(relation);
        return isView && _tainted.Contains(column.Relation) ? Mask.Redact : null;
    }

    private IEnumerable<CatalogueRelation> CandidatesFor(EffectObject named) =>
        _catalogue.Named(named.Name).Where(r => named.Schema.Length == 0 || r.Schema == named.Schema);

    /// <param name="Type">OID; 0 when not known.</param>
    /// <param name="Mask">Null when it is kept.</param>
    private readonly record struct CopyField(uint Type, Mask? Mask)
    {
        public ColumnPlan PlanIn(short format) => Mask is null ? ColumnPlan.Detected(Type, format) : ColumnPlan.Masked(Mask, Type, format);
    }
}
