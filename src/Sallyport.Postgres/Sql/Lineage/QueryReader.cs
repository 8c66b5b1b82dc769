using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>The parse tree of a statement that has rows, or writes them → <see cref="Query"/>. Stateless.</summary>
internal static class QueryReader
{
    /// <summary>The query that a statement node is or carries into a table or view; null when it is no query.</summary>
    public static Query? Read(SqlNode node)
    {
        var body = node.Body;
        if (node.Type.SequenceEqual("CreateTableAsStmt"u8))
            return Read(body["query"u8]);
        if (node.Type.SequenceEqual("ViewStmt"u8))
            return Read(body["query"u8]);
        if (node.Type.SequenceEqual("SelectStmt"u8))
            return ReadSelect(body);
        if (node.Type.SequenceEqual("InsertStmt"u8))
            return ChangeReader.ReadInsert(body);
        if (node.Type.SequenceEqual("UpdateStmt"u8))
            return ChangeReader.ReadUpdate(body);
        if (node.Type.SequenceEqual("DeleteStmt"u8))
            return ChangeReader.ReadDelete(body);
        return node.Type.SequenceEqual("MergeStmt"u8) ? ChangeReader.ReadMerge(body) : null;
    }

    public static Query ReadSelect(SqlNode select)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var with = ReadWith(select["withClause"u8]);
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        ConditionReader.AddOrder(select["sortClause"u8], conditions);
        // How many rows come may be computed.
        ConditionReader.AddComparison(select["limitCount"u8], conditions);
        ConditionReader.AddComparison(select["limitOffset"u8], conditions);
        if (select["larg"u8].Exists)
            return new SetQuery(ReadSelect(select["larg"u8]), ReadSelect(select["rarg"u8])) { With = with, Conditions = conditions.ToImmutable() };
        if (select["valuesLists"u8] is { Exists: true } rows)
            return new ValuesQuery(ReadRows(rows)) { With = with, Conditions = conditions.ToImmutable() };
        ConditionReader.Add(select["whereClause"u8], conditions);
        ConditionReader.Add(select["havingClause"u8], conditions);
        ConditionReader.AddGroups(select["groupClause"u8], conditions);
        ConditionReader.AddGroups(select["distinctClause"u8], conditions);
        foreach (var window in select["windowClause"u8].Items)
            ConditionReader.AddWindow(window.As("WindowDef"u8), conditions);
        return new SelectQuery(ReadSources(select["fromClause"u8]), ReadTargets(select["targetList"u8])) { With = with, Conditions = conditions.ToImmutable() };
    }

    public static ImmutableArray<CommonTable> ReadWith(SqlNode with)
    {
        if (!with.Exists)
            return [];
        var tables = ImmutableArray.CreateBuilder<CommonTable>();
        foreach (var item in with["ctes"u8].Items)
        {
            var table = item.As("CommonTableExpr"u8);
            var query = Read(table["ctequery"u8]) ?? new ValuesQuery([]);
            tables.Add(new CommonTable(table["ctename"u8].Text, Names(table["aliascolnames"u8]), query, with["recursive"u8].IsTrue,
                table["search_clause"u8].Exists || table["cycle_clause"u8].Exists));
        }
        return tables.ToImmutable();
    }

    public static ImmutableArray<Target> ReadTargets(SqlNode list)
    {
        var targets = ImmutableArray.CreateBuilder<Target>();
        foreach (var item in list.Items)
        {
            var target = item.As("ResTarget"u8);
            var node = target["val"u8];
            var name = target["name"u8];
            targets.Add(new Target(name.Exists ? name.Text : TargetName.Of(node), ValueReader.Read(node)) { StarOf = StarOf(node) });
        }
        return targets.ToImmutable();
    }

    public static ImmutableArray<Source> ReadSources(SqlNode list)
    {
        var sources = ImmutableArray.CreateBuilder<Source>();
        foreach (var item in list.Items)
            sources.Add(SourceReader.Read(item));
        return sources.ToImmutable();
    }

    public static ImmutableArray<string> Names(SqlNode list)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var item in list.Items)
            names.Add(SqlNames.Part(item));
        return names.ToImmutable();
    }

    private static ImmutableArray<ImmutableArray<Value>> ReadRows(SqlNode rows)
    {
        var all = ImmutableArray.CreateBuilder<ImmutableArray<Value>>();
        foreach (var row in rows.Items)
        {
            var values = ImmutableArray.CreateBuilder<Value>();
            foreach (var item in row.As("List"u8)["items"u8].Items)
                values.Add(ValueReader.Read(item));
            all.Add(values.ToImmutable());
        }
        return all.ToImmutable();
    }

    // t.*, *, and (t).*; of any other (row).* the columns cannot be told: no name has two empty parts.
    private static ImmutableArray<string>? StarOf(SqlNode value)
    {
        if (value.As("ColumnRef"u8)["fields"u8] is { Exists: true } fields)
            return fields.Last.As("A_Star"u8).Exists ? [.. Names(fields).SkipLast(1)] : null;
        var indirection = value.As("A_Indirection"u8);
        if (!indirection["indirection"u8].Last.As("A_Star"u8).Exists)
            return null;
        var row = indirection["arg"u8].As("ColumnRef"u8)["fields"u8];
        return row.Exists && !row.Last.As("A_Star"u8).Exists && indirection["indirection"u8].Count == 1 ? Names(row) : ["", ""];
    }
}
