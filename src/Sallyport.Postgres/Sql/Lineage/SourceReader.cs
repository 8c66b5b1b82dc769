using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>An item of FROM → <see cref="Source"/>.</summary>
internal static class SourceReader
{
    public static Source Read(SqlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var body = node.Body;
        if (node.Type.SequenceEqual("RangeVar"u8))
            return ReadRelation(body);
        if (node.Type.SequenceEqual("RangeTableSample"u8))
            return Read(body["relation"u8]);
        if (node.Type.SequenceEqual("JoinExpr"u8))
            return ReadJoin(body);
        if (node.Type.SequenceEqual("RangeSubselect"u8))
        {
            var query = QueryReader.ReadSelect(body["subquery"u8].As("SelectStmt"u8));
            return Named(new QuerySource(query, body["lateral"u8].IsTrue), body["alias"u8]);
        }
        return node.Type.SequenceEqual("RangeFunction"u8)
            ? Named(ReadFunction(body), body["alias"u8])
            : Named(new FunctionSource(ValueReader.Read(node), null), body["alias"u8]);
    }

    public static RelationSource ReadRelation(SqlNode rangeVar) =>
        (RelationSource)Named(new RelationSource(rangeVar["schemaname"u8].Text, rangeVar["relname"u8].Text), rangeVar["alias"u8]);

    private static Source Named(Source source, SqlNode alias) =>
        alias.Exists ? source with { Alias = alias["aliasname"u8].Text, Columns = QueryReader.Names(alias["colnames"u8]) } : source;

    private static Source ReadJoin(SqlNode join)
    {
        var on = ImmutableArray.CreateBuilder<Condition>();
        ConditionReader.Add(join["quals"u8], on);
        var kind = join["jointype"u8].Is("JOIN_FULL"u8) ? JoinKind.Full : join["jointype"u8].Is("JOIN_RIGHT"u8) ? JoinKind.Right : JoinKind.Left;
        var source = new JoinSource(Read(join["larg"u8]), Read(join["rarg"u8]), kind, QueryReader.Names(join["usingClause"u8]), join["isNatural"u8].IsTrue)
        {
            On = on.ToImmutable(),
            UsingAlias = join["join_using_alias"u8]["aliasname"u8] is { Exists: true } alias ? alias.Text : null,
        };
        return Named(source, join["alias"u8]);
    }

    private static FunctionSource ReadFunction(SqlNode function)
    {
        var value = ValueReader.Read(function["functions"u8]);
        var defined = ColumnNames(function["coldeflist"u8]);
        if (defined.Length > 0)
            return new FunctionSource(value, defined);
        var isOne = function["functions"u8].Count == 1 && !function["ordinality"u8].IsTrue;
        return new FunctionSource(value, isOne ? OneColumn(function) : null);
    }

    private static ImmutableArray<string> ColumnNames(SqlNode definitions)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var item in definitions.Items)
            names.Add(item.As("ColumnDef"u8)["colname"u8].Text);
        return names.ToImmutable();
    }

    // The one column of such a function is called like its table.
    private static ImmutableArray<string>? OneColumn(SqlNode function)
    {
        SqlNode first = default;
        foreach (var item in function["functions"u8].Items)
        {
            foreach (var part in item.As("List"u8)["items"u8].Items)
                first = first.Exists ? first : part;
        }
        var called = SqlNames.Qualified(Core.ObjectType.Function, first.As("FuncCall"u8)["funcname"u8]);
        if (called is not { Schema: "" or "pg_catalog" } || !OneColumnFunctions.Contains(called.Name))
            return null;
        return [function["alias"u8]["aliasname"u8] is { Exists: true } alias ? alias.Text : called.Name];
    }

    private static readonly HashSet<string> OneColumnFunctions =
    [
        "generate_series", "generate_subscripts", "json_array_elements_text", "jsonb_array_elements_text", "json_object_keys", "jsonb_object_keys",
        "regexp_split_to_table", "string_to_table",
    ];
}
