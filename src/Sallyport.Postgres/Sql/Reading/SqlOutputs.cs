using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// What the output columns of a SELECT or RETURNING list are made of. A list of what is understood: anything else is
/// <see cref="OutputKind.Unknown"/>.
/// </summary>
internal sealed class SqlOutputs
{
    private readonly HashSet<string> _rows;
    private readonly HashSet<string> _columns = [];

    /// <param name="rows">The names that stand for whole rows where a column could stand: aliases and relations of FROM.</param>
    private SqlOutputs(HashSet<string> rows) => _rows = rows;

    public static ImmutableArray<SqlOutput> Read(SqlNode targets, HashSet<string> rows)
    {
        var outputs = ImmutableArray.CreateBuilder<SqlOutput>();
        foreach (var target in targets.Items)
        {
            var value = target.As("ResTarget"u8)["val"u8];
            // (row).* becomes any number of columns: the later ones can no longer be counted.
            if (value.As("A_Indirection"u8)["indirection"u8].Last.As("A_Star"u8).Exists)
                return [];
            outputs.Add(new SqlOutputs(rows).ReadOne(value));
        }
        return outputs.ToImmutable();
    }

    private SqlOutput ReadOne(SqlNode value)
    {
        if (value.As("ColumnRef"u8)["fields"u8] is { Exists: true } fields && fields.Last.As("A_Star"u8).Exists)
            return new SqlOutput(OutputKind.Star, []);
        if (!IsPlain(value))
            return new SqlOutput(OutputKind.Unknown, []);
        if (IsCount(value))
            return new SqlOutput(OutputKind.Count, []);
        var kind = value.As("ColumnRef"u8).Exists ? OutputKind.Column : OutputKind.Expression;
        return new SqlOutput(kind, [.. _columns]);
    }

    private static bool IsCount(SqlNode value)
    {
        var call = value.As("FuncCall"u8);
        return call.Exists && SqlNames.Qualified(ObjectType.Function, call["funcname"u8]) is { Name: "count" }
            && !call["agg_filter"u8].Exists && !call["over"u8].Exists;
    }

    private bool IsPlain(SqlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (!node.Exists)
            return true;
        if (node.IsArray)
            return AllPlain(node);
        var body = node.Body;
        return System.Text.Encoding.ASCII.GetString(node.Type) switch
        {
            "A_Const" or "ParamRef" or "SQLValueFunction" or "SetToDefault" => true,
            "ColumnRef" => IsPlainColumn(body["fields"u8]),
            "TypeCast" => IsBuiltInType(body["typeName"u8]) && IsPlain(body["arg"u8]),
            "A_Expr" => IsBuiltInOperator(body["name"u8]) && IsPlain(body["lexpr"u8]) && IsPlain(body["rexpr"u8]),
            "List" => IsPlain(body["items"u8]),
            "BoolExpr" or "CoalesceExpr" or "MinMaxExpr" => IsPlain(body["args"u8]),
            "NullTest" or "BooleanTest" or "CollateClause" => IsPlain(body["arg"u8]),
            "A_ArrayExpr" => IsPlain(body["elements"u8]),
            "CaseExpr" => IsPlain(body["arg"u8]) && IsPlain(body["args"u8]) && IsPlain(body["defresult"u8]),
            "CaseWhen" => IsPlain(body["expr"u8]) && IsPlain(body["result"u8]),
            "SortBy" => IsPlain(body["node"u8]) && IsBuiltInOperator(body["useOp"u8]),
            "FuncCall" => IsPlainCall(body),
            _ => false,
        };
    }

    private bool AllPlain(SqlNode list)
    {
        foreach (var item in list.Items)
        {
            if (!IsPlain(item))
                return false;
        }
        return true;
    }

    private bool IsPlainColumn(SqlNode fields)
    {
        var name = SqlNames.Part(fields.Last);
        if (name.Length == 0 || (fields.Count == 1 ? _rows.Contains(name) : RowFunctions.Contains(name)) || FunctionTable.IsDangerous(name))
            return false;
        _columns.Add(name);
        return true;
    }

    private bool IsPlainCall(SqlNode call)
    {
        var function = SqlNames.Qualified(ObjectType.Function, call["funcname"u8]);
        return function is not null && FunctionTable.IsPlain(function.Schema, function.Name)
            && IsPlain(call["args"u8]) && IsPlain(call["agg_filter"u8]) && IsPlain(call["agg_order"u8]) && IsPlainWindow(call["over"u8]);
    }

    private bool IsPlainWindow(SqlNode over) =>
        !over.Exists
        || (!over["name"u8].Exists && !over["refname"u8].Exists && IsPlain(over["partitionClause"u8]) && IsPlain(over["orderClause"u8])
            && IsPlain(over["startOffset"u8]) && IsPlain(over["endOffset"u8]));

    private static bool IsBuiltInOperator(SqlNode name) =>
        !name.Exists || (SqlNames.Qualified(ObjectType.Other, name) is { Schema: "" or "pg_catalog" } named && BuiltIns.IsOperator(named.Name));

    private static bool IsBuiltInType(SqlNode type) =>
        SqlNames.Qualified(ObjectType.Other, type["names"u8]) is { Schema: "" or "pg_catalog" } name && Types.Contains(name.Name);

    // c.to_json is to_json(c): built-ins that take a whole row and show it.
    private static readonly HashSet<string> RowFunctions =
    [
        "array_agg", "concat", "format", "json_agg", "json_agg_strict", "json_build_array", "json_build_object", "jsonb_agg", "jsonb_agg_strict",
        "jsonb_build_array", "jsonb_build_object", "max", "min", "quote_literal", "quote_nullable", "record_out", "record_send", "row_to_json",
        "to_json", "to_jsonb",
    ];

    private static readonly HashSet<string> Types =
    [
        "bit", "bool", "bpchar", "bytea", "char", "cidr", "date", "float4", "float8", "inet", "int2", "int4", "int8", "interval", "json", "jsonb",
        "macaddr", "macaddr8", "money", "name", "numeric", "oid", "text", "time", "timestamp", "timestamptz", "timetz", "uuid", "varbit", "varchar",
        "xml", "tsvector", "tsquery", "point", "box", "circle", "line", "lseg", "path", "polygon", "pg_lsn", "xid", "xid8", "tid",
        "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange",
    ];
}
