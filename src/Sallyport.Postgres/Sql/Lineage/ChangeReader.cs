using System.Collections.Immutable;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>INSERT, UPDATE, DELETE, MERGE → <see cref="ChangeQuery"/>.</summary>
internal static class ChangeReader
{
    public static ChangeQuery ReadInsert(SqlNode insert)
    {
        var conflict = insert["onConflictClause"u8];
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        ConditionReader.Add(conflict["whereClause"u8], conditions);
        ConditionReader.Add(conflict["infer"u8]["whereClause"u8], conditions);
        var assignments = ImmutableArray.CreateBuilder<Assignment>();
        AddAssignments(conflict["targetList"u8], assignments);
        var change = Begin(insert, [], conditions, assignments);
        return change with
        {
            Rows = insert["selectStmt"u8].Exists ? QueryReader.Read(insert["selectStmt"u8]) : null,
            InsertColumns = SqlNames.Targets(insert["cols"u8]),
            AlsoCalled = conflict.Exists ? change.AlsoCalled.Add("excluded") : change.AlsoCalled,
        };
    }

    public static ChangeQuery ReadUpdate(SqlNode update)
    {
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        ConditionReader.Add(update["whereClause"u8], conditions);
        var assignments = ImmutableArray.CreateBuilder<Assignment>();
        AddAssignments(update["targetList"u8], assignments);
        return Begin(update, QueryReader.ReadSources(update["fromClause"u8]), conditions, assignments);
    }

    public static ChangeQuery ReadDelete(SqlNode delete)
    {
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        ConditionReader.Add(delete["whereClause"u8], conditions);
        return Begin(delete, QueryReader.ReadSources(delete["usingClause"u8]), conditions, ImmutableArray.CreateBuilder<Assignment>());
    }

    public static ChangeQuery ReadMerge(SqlNode merge)
    {
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        ConditionReader.Add(merge["joinCondition"u8], conditions);
        var assignments = ImmutableArray.CreateBuilder<Assignment>();
        foreach (var clause in merge["mergeWhenClauses"u8].Items)
        {
            var when = clause.As("MergeWhenClause"u8);
            ConditionReader.Add(when["condition"u8], conditions);
            if (when["values"u8].Exists)
                AddInserted(when, assignments);
            else
                AddAssignments(when["targetList"u8], assignments);
        }
        var change = Begin(merge, [SourceReader.Read(merge["sourceRelation"u8])], conditions, assignments);
        // Whose columns a bare star gives first depends on the server's version.
        return change with { Returning = [.. change.Returning.Select(static t => t.StarOf is { IsEmpty: true } ? t with { StarOf = Uncountable } : t)] };
    }

    // No name has two empty parts.
    private static readonly ImmutableArray<string> Uncountable = ["", ""];

    private static ChangeQuery Begin(
        SqlNode change, ImmutableArray<Source> from, ImmutableArray<Condition>.Builder conditions, ImmutableArray<Assignment>.Builder assignments)
    {
        var returning = change["returningClause"u8];
        return new ChangeQuery(SourceReader.ReadRelation(change["relation"u8]), from, QueryReader.ReadTargets(returning["exprs"u8]))
        {
            With = QueryReader.ReadWith(change["withClause"u8]),
            Conditions = conditions.ToImmutable(),
            Assignments = assignments.ToImmutable(),
            AlsoCalled = returning.Exists ? RowNames(returning["options"u8]) : [],
        };
    }

    // RETURNING has the rows before and after under these names, and under those that WITH (OLD AS o) gives them.
    private static ImmutableArray<string> RowNames(SqlNode options)
    {
        var names = ImmutableArray.Create("old", "new");
        foreach (var option in options.Items)
            names = names.Add(option.As("ReturningOption"u8)["value"u8].Text);
        return names;
    }

    private static void AddAssignments(SqlNode targets, ImmutableArray<Assignment>.Builder into)
    {
        foreach (var item in targets.Items)
        {
            var target = item.As("ResTarget"u8);
            var value = target["val"u8];
            // (a, b) = ROW (c, d), or a subquery: each column may take from the whole of it.
            var source = value.As("MultiAssignRef"u8)["source"u8];
            into.Add(new Assignment(target["name"u8].Text, ValueReader.Read(source.Exists ? source : value)));
        }
    }

    // Without a list of columns the values go to the relation's own: an empty name is any of them.
    private static void AddInserted(SqlNode when, ImmutableArray<Assignment>.Builder into)
    {
        var columns = SqlNames.Targets(when["targetList"u8]);
        var at = 0;
        foreach (var value in when["values"u8].Items)
        {
            into.Add(new Assignment(at < columns.Length ? columns[at] : "", ValueReader.Read(value)));
            at++;
        }
    }
}
