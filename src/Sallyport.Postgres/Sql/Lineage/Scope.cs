using System.Collections.Immutable;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>An item of FROM under the name that qualifies its columns; null when there is none.</summary>
/// <param name="Name">The alias, or the relation's own name.</param>
/// <param name="Rows">Its columns.</param>
/// <param name="IsRelation">It goes by its relation's own name, which a schema may qualify.</param>
internal sealed record ScopeItem(string? Name, RowShape Rows, bool IsRelation = false);

/// <summary>
/// What one level of a query has in sight, and the levels around it (PostgreSQL manual, 7.2; parse_relation.c). Where the gateway
/// cannot be sure what a name means, everything that it may mean counts.
/// </summary>
internal sealed class Scope
{
    private readonly Scope? _outer;
    private readonly List<ScopeItem> _items = [];
    private readonly List<RowShape> _rows = [];

    public Scope(Scope? outer) => _outer = outer;

    /// <summary>Brings names that qualify into sight.</summary>
    public void AddItems(IEnumerable<ScopeItem> items) => _items.AddRange(items);

    /// <summary>Brings columns into sight that may be named alone.</summary>
    public void AddRows(RowShape rows) => _rows.Add(rows);

    public Origin Find(ColumnReference reference)
    {
        var parts = reference.Parts;
        return parts.Length switch
        {
            0 => All(),
            1 => FindBare(parts[0]),
            _ when reference.IsField => FindField(parts),
            _ => FindIn(parts[^2], parts[^1], parts.Length > 2) ?? Origin.Unknown,
        };
    }

    /// <summary>The columns that a star stands for; null when they cannot be counted.</summary>
    public ImmutableArray<RowColumn>? Star(ImmutableArray<string> of)
    {
        if (of.IsEmpty)
        {
            var all = ImmutableArray.CreateBuilder<RowColumn>();
            foreach (var rows in _rows)
            {
                if (!rows.IsComplete)
                    return null;
                all.AddRange(rows.Columns);
            }
            return all.ToImmutable();
        }
        var found = Items(of[^1], of.Length > 1);
        return found is [{ Rows.IsComplete: true } only] ? only.Rows.Columns : null;
    }

    /// <summary>Of everything in sight at this level.</summary>
    public Origin All()
    {
        var all = default(Origin);
        foreach (var rows in _rows)
            all = all.With(rows.All);
        return all;
    }

    private Origin FindBare(string name)
    {
        var origin = default(Origin);
        var maybe = false;
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            if (scope.FindColumn(name, ref origin, ref maybe) is { } sure)
                return maybe ? origin.With(sure) : sure;
        }
        // A bare name that is no column stands for a whole row.
        var row = Items(name, isQualified: false);
        foreach (var item in row)
            origin = origin.With(item.Rows.All);
        return row.Count > 0 || maybe ? origin.Derived : Origin.Unknown;
    }

    /// <summary>The column of that name at this level; otherwise what may have that name is added.</summary>
    private Origin? FindColumn(string name, ref Origin origin, ref bool maybe)
    {
        Origin? sure = null;
        foreach (var rows in _rows)
        {
            foreach (var column in rows.Columns)
            {
                if (column.Name == name)
                    sure = sure is { } other ? other.With(column.Origin) : column.Origin;
            }
        }
        if (sure is not null)
            return sure;
        foreach (var rows in _rows)
            maybe |= AddUnnamed(rows, ref origin);
        return null;
    }

    private static bool AddUnnamed(RowShape rows, ref Origin origin)
    {
        var isAny = !rows.IsComplete;
        if (isAny)
            origin = origin.With(rows.Rest);
        foreach (var column in rows.Columns)
        {
            if (column.Name is not null)
                continue;
            origin = origin.With(column.Origin);
            isAny = true;
        }
        return isAny;
    }

    // (a).b: a field of column a, or column b of row a.
    private Origin FindField(ImmutableArray<string> parts)
    {
        var row = parts.Length > 2 ? null : FindIn(parts[0], parts[1], isQualified: false);
        var origin = default(Origin);
        var maybe = false;
        for (var scope = this; scope is not null && parts.Length == 2; scope = scope._outer)
        {
            if (scope.FindColumn(parts[0], ref origin, ref maybe) is not { } column)
                continue;
            origin = origin.With(column);
            maybe = true;
            break;
        }
        if (parts.Length > 2)
            origin = (FindIn(parts[^3], parts[^2], parts.Length > 3) ?? Origin.Unknown).Derived;
        else if (!maybe)
            return row ?? Origin.Unknown;
        return row is { } both ? origin.With(both) : origin.Derived;
    }

    /// <summary>Null when nothing of that name is in sight.</summary>
    private Origin? FindIn(string qualifier, string name, bool isQualified)
    {
        var items = Items(qualifier, isQualified);
        if (items.Count == 0)
            return null;
        Origin? found = null;
        foreach (var item in items)
        {
            var one = FindIn(item.Rows, name);
            found = found is { } other ? other.With(one) : one;
        }
        return found;
    }

    private static Origin FindIn(RowShape rows, string name)
    {
        foreach (var column in rows.Columns)
        {
            if (column.Name == name)
                return column.Origin;
        }
        if (SystemColumns.Contains(name))
            return default;
        var origin = default(Origin);
        // What is no column is a function of the whole row.
        return AddUnnamed(rows, ref origin) ? origin.Derived : rows.All.With(Origin.Unknown);
    }

    private List<ScopeItem> Items(string name, bool isQualified)
    {
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            var found = scope._items.FindAll(i => i.Name == name && (!isQualified || i.IsRelation));
            if (found.Count > 0)
                return found;
        }
        return [];
    }

    private static readonly HashSet<string> SystemColumns = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];
}
