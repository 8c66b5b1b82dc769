using System.Collections.Immutable;

namespace Sallyport.Postgres.Sql.Lineage;

/// <content>Items of FROM, and the changes that INSERT, UPDATE, DELETE and MERGE make.</content>
internal sealed partial class LineageResolver
{
    /// <summary>Brings an item of FROM and all of its columns into sight.</summary>
    private void AddSource(Source source, Scope scope, Scope? outer, CommonTables tables, ref Origin decided)
    {
        var (rows, items) = Resolve(source, scope, outer, tables, ref decided);
        scope.AddItems(items);
        scope.AddRows(rows);
    }

    private (RowShape Rows, List<ScopeItem> Items) Resolve(
        Source source, Scope scope, Scope? outer, CommonTables tables, ref Origin decided)
    {
        if (source is JoinSource join)
            return ResolveJoin(join, scope, outer, tables, ref decided);
        var rows = source switch
        {
            RelationSource relation => Find(relation, tables),
            // Only LATERAL sees what stands before it.
            QuerySource query => Resolve(query.Query, query.IsLateral ? scope : outer, tables),
            FunctionSource function => ResolveFunction(function, scope, tables),
            _ => RowShape.Unknown,
        };
        decided = decided.With(rows.Decided);
        rows = rows.Renamed(source.Columns);
        var name = source.Alias ?? (source as RelationSource)?.Name;
        return (rows, [new ScopeItem(name, rows, IsRelation: source is RelationSource { Alias: null })]);
    }

    private RowShape Find(RelationSource relation, CommonTables tables)
    {
        var table = relation.Schema.Length == 0 ? tables.Find(relation.Name) : null;
        return table ?? _relations.Find(relation.Schema, relation.Name);
    }

    private RowShape ResolveFunction(FunctionSource function, Scope scope, CommonTables tables)
    {
        var origin = Eval(function.Arguments, scope, tables).Derived;
        return function.Names is { } names
            ? new RowShape([.. names.Select(n => new RowColumn(n, origin))], true)
            : new RowShape([], false) { Rest = origin };
    }

    private (RowShape Rows, List<ScopeItem> Items) ResolveJoin(
        JoinSource join, Scope scope, Scope? outer, CommonTables tables, ref Origin decided)
    {
        var (left, leftItems) = Resolve(join.Left, scope, outer, tables, ref decided);
        var inner = scope;
        if (join.Right is not RelationSource)
        {
            // The right side may be lateral: then it sees the left one beside what stands before the join.
            inner = new Scope(scope);
            inner.AddItems(leftItems);
            inner.AddRows(left);
        }
        var (right, rightItems) = Resolve(join.Right, inner, outer, tables, ref decided);
        var merged = Merged(join, left, right);
        var rows = Merge(join, left, right, merged);
        List<ScopeItem> items = [.. leftItems, .. rightItems];
        if (join.UsingAlias is { } usingAlias)
            items.Add(new ScopeItem(usingAlias, rows with { Columns = [.. rows.Columns.Take(merged.Length)] }));
        var both = new Scope(scope);
        both.AddItems(items);
        both.AddRows(rows);
        foreach (var condition in join.On)
            decided = decided.With(Decide(condition, both, tables, [], null));
        if (join.Alias is not { } alias)
            return (rows, items);
        // The alias of a join hides the names inside it.
        rows = rows.Renamed(join.Columns);
        return (rows, [new ScopeItem(alias, rows)]);
    }

    private static ImmutableArray<string> Merged(JoinSource join, RowShape left, RowShape right)
    {
        if (!join.IsNatural)
            return join.Using;
        var names = right.Columns.Select(static c => c.Name).ToHashSet();
        return [.. left.Columns.Select(static c => c.Name).OfType<string>().Where(names.Contains)];
    }

    private RowShape Merge(JoinSource join, RowShape left, RowShape right, ImmutableArray<string> merged)
    {
        var isSure = left.IsComplete && right.IsComplete && left.Columns.All(static c => c.Name is not null) && right.Columns.All(static c => c.Name is not null);
        var columns = ImmutableArray.CreateBuilder<RowColumn>();
        foreach (var name in merged)
        {
            var (l, r) = (See(OfName(left, name)), See(OfName(right, name)));
            Found(FindingKind.Equality, l.With(r));
            columns.Add(new RowColumn(name, join.Kind switch { JoinKind.Left => l, JoinKind.Right => r, _ => l.With(r) }));
        }
        // Which columns are the same cannot be told: any may be compared with any.
        if (join.IsNatural && !isSure)
            Found(FindingKind.Equality, left.All.With(right.All));
        columns.AddRange(left.Columns.Where(c => c.Name is null || !merged.Contains(c.Name)));
        columns.AddRange(right.Columns.Where(c => c.Name is null || !merged.Contains(c.Name)));
        return new RowShape(columns.ToImmutable(), isSure) { Rest = isSure ? default : left.Rest.With(right.Rest).With(left.All).With(right.All) };
    }

    private static Origin OfName(RowShape rows, string name)
    {
        Origin? found = null;
        foreach (var column in rows.Columns)
        {
            if (column.Name == name)
                found = found is { } other ? other.With(column.Origin) : column.Origin;
        }
        return found ?? rows.All.With(rows.Rest);
    }

    private RowShape ResolveChange(ChangeQuery change, Scope? outer, CommonTables tables)
    {
        // A target is never a common table expression, whatever names are in sight.
        var target = _relations.Find(change.Into.Schema, change.Into.Name);
        var scope = new Scope(outer);
        var name = change.Into.Alias ?? change.Into.Name;
        scope.AddItems([new ScopeItem(name, target, IsRelation: change.Into.Alias is null)]);
        foreach (var other in change.AlsoCalled)
            scope.AddItems([new ScopeItem(other, target)]);
        scope.AddRows(target);
        var decided = default(Origin);
        foreach (var source in change.From)
            AddSource(source, scope, outer, tables, ref decided);
        foreach (var condition in change.Conditions)
            decided = decided.With(Decide(condition, scope, tables, [], null));
        if (change.Rows is { } rows)
            Insert(change, target, Resolve(rows, outer, tables));
        foreach (var assignment in change.Assignments)
            Write(change, target, assignment.Column, Eval(assignment.Value, scope, tables));
        return ResolveTargets(change.Returning, scope, tables) with { Decided = decided };
    }

    private void Insert(ChangeQuery change, RowShape target, RowShape rows)
    {
        if (!rows.IsComplete)
        {
            Write(change, target, "", rows.Rest.With(rows.All));
            return;
        }
        for (var i = 0; i < rows.Columns.Length; i++)
        {
            var column = i < change.InsertColumns.Length ? change.InsertColumns[i] : "";
            if (change.InsertColumns.IsEmpty && target.IsComplete && i < target.Columns.Length)
                column = target.Columns[i].Name ?? "";
            Write(change, target, column, rows.Columns[i].Origin);
        }
    }

    private void Write(ChangeQuery change, RowShape target, string column, Origin origin)
    {
        if (origin.IsClean)
            return;
        var into = default(Origin);
        foreach (var own in target.Columns)
        {
            if (own.Name == column)
                into = own.Origin;
        }
        // Made of the masked column itself, it stays where it is masked.
        if (!origin.IsUnknown && !origin.IsMixed && ReferenceEquals(origin.Masked, into.Masked))
            return;
        Found(FindingKind.Copy, origin, column.Length == 0 ? change.Into.Name : $"{change.Into.Name}.{column}");
    }
}
