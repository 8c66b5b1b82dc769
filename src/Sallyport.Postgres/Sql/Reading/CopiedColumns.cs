namespace Sallyport.Postgres.Sql;

/// <summary>The columns that the values an INSERT, UPDATE or MERGE writes are computed from.</summary>
internal sealed class CopiedColumns
{
    /// <summary>Stands for any column.</summary>
    public const string Any = "*";

    private readonly HashSet<string> _rows;
    private readonly bool _readsRelations;
    private readonly HashSet<string> _into;

    /// <param name="rows">See <see cref="PlainExpression"/>.</param>
    /// <param name="readsRelations">False when a column may be another one under a new name: subqueries, common table expressions.</param>
    /// <param name="into">Takes the names.</param>
    public CopiedColumns(HashSet<string> rows, bool readsRelations, HashSet<string> into)
    {
        _rows = rows;
        _readsRelations = readsRelations;
        _into = into;
    }

    public void AddInsert(SqlNode insert)
    {
        var source = insert["selectStmt"u8].As("SelectStmt"u8);
        if (source["valuesLists"u8] is { Exists: true } rows)
            AddValue(rows);
        else if (source.Exists)
            _into.Add(Any);
        // What was proposed for insertion came through the values already.
        AddTargets(insert["onConflictClause"u8]["targetList"u8], "excluded");
    }

    public void AddUpdate(SqlNode update) => AddTargets(update["targetList"u8]);

    public void AddMerge(SqlNode merge)
    {
        foreach (var clause in merge["mergeWhenClauses"u8].Items)
        {
            var when = clause.As("MergeWhenClause"u8);
            AddTargets(when["targetList"u8]);
            AddValue(when["values"u8]);
        }
    }

    private void AddTargets(SqlNode targets, string? provenRow = null)
    {
        foreach (var target in targets.Items)
        {
            var value = target.As("ResTarget"u8)["val"u8];
            if (value.As("MultiAssignRef"u8)["source"u8] is { Exists: true } source)
                AddRow(source, provenRow);
            else
                AddValue(value, provenRow);
        }
    }

    // (a, b) = (c, d); the other source there can be is a subquery.
    private void AddRow(SqlNode source, string? provenRow)
    {
        var row = source.As("RowExpr"u8);
        AddValue(row.Exists ? row["args"u8] : source, provenRow);
    }

    private void AddValue(SqlNode value, string? provenRow = null)
    {
        var expression = new PlainExpression(_rows, provenRow);
        if (!expression.Takes(value) || expression.HasNotation || (expression.Columns.Count > 0 && !_readsRelations))
            _into.Add(Any);
        _into.UnionWith(expression.Columns);
    }
}
