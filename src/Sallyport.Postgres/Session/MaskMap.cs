using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Where the masked columns are: by OID and attribute number, with those of inheritance children and parents of the same name, and
/// every relation that shows their rows, views over views included. Computed once per reading of the catalogue.
/// </summary>
internal sealed class MaskMap
{
    public MaskMap(MaskSet masks, Catalogue.Catalogue catalogue)
    {
        var byName = masks.Columns.ToDictionary(static c => (c.Schema, c.Relation, c.Column));
        foreach (var column in catalogue.Columns)
        {
            if (catalogue.Find(column.Relation) is { } relation && byName.TryGetValue((relation.Schema, relation.Name, column.Name), out var mask))
                Add(column, Of(mask));
        }
        foreach (var former in catalogue.FormerNames)
        {
            if (byName.TryGetValue((former.Schema, former.RelationName, former.Column), out var mask))
                Add(catalogue.Columns.First(c => c.Relation == former.Relation && c.Attribute == former.Attribute), Of(mask));
        }
        if (Columns.Count > 0)
        {
            AddWhatOthersSent(catalogue);
            AddWhatCalls(catalogue);
        }
        FollowInheritance(catalogue);
        FollowViews(catalogue);
    }

    public Dictionary<(uint, short), MaskedColumn> Columns { get; } = [];

    public HashSet<uint> Tainted { get; } = [];

    // The statements of other sessions have values in them.
    private void AddWhatOthersSent(Catalogue.Catalogue catalogue)
    {
        foreach (var column in catalogue.Columns.Where(static c => c.Name == "query"))
        {
            if (catalogue.Find(column.Relation) is { Name: "pg_stat_activity" or "pg_stat_statements", Kind: 'v' })
                Add(column, new MaskedColumn($"pg_catalog.{catalogue.Find(column.Relation)!.Name}.query", Mask.Redact, "(gateway)", PredicateUse.Allow, false));
        }
    }

    // A view's function may read anything, whatever relations the view itself names.
    private void AddWhatCalls(Catalogue.Catalogue catalogue)
    {
        foreach (var view in catalogue.Relations.Where(static r => r.Kind is 'v' or 'm'))
        {
            if (catalogue.OwnCode.AttachedTo(view.Oid, RelationEvents.Read).Any(a => !catalogue.IsTrusted(a.Function.Schema, a.Function.Name)))
                Tainted.Add(view.Oid);
        }
    }

    private static MaskedColumn Of(ColumnMask mask) =>
        new($"{mask.Schema}.{mask.Relation}.{mask.Column}", mask.Mask, mask.Rule, mask.Predicates, mask.RefusesDerived);

    private void Add(CatalogueColumn column, MaskedColumn mask)
    {
        Columns[(column.Relation, column.Attribute)] = mask;
        Tainted.Add(column.Relation);
    }

    private void FollowInheritance(Catalogue.Catalogue catalogue)
    {
        var columns = catalogue.Columns.ToLookup(static c => c.Relation);
        var isMore = true;
        while (isMore)
        {
            isMore = false;
            foreach (var link in catalogue.Dependencies.Where(static d => d.IsInheritance))
                isMore |= Carry(link.On, link.Relation, columns) | Carry(link.Relation, link.On, columns);
        }
    }

    private bool Carry(uint from, uint to, ILookup<uint, CatalogueColumn> columns)
    {
        if (!Tainted.Contains(from))
            return false;
        var isNew = false;
        foreach (var column in columns[from])
        {
            if (!Columns.TryGetValue((from, column.Attribute), out var mask))
                continue;
            foreach (var other in columns[to].Where(c => c.Name == column.Name && !Columns.ContainsKey((to, c.Attribute))))
            {
                Add(other, mask);
                isNew = true;
            }
        }
        return isNew;
    }

    private void FollowViews(Catalogue.Catalogue catalogue)
    {
        var isMore = true;
        while (isMore)
        {
            isMore = false;
            foreach (var link in catalogue.Dependencies.Where(static d => !d.IsInheritance))
                isMore |= Tainted.Contains(link.On) && Tainted.Add(link.Relation);
        }
    }
}
