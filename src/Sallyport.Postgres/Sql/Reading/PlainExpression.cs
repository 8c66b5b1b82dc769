using System.Runtime.CompilerServices;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// The columns that a value is made of, as long as nothing but columns, constants, parameters and plain built-ins makes it. A
/// list of what is understood: anything else is not taken.
/// </summary>
internal sealed class PlainExpression
{
    private readonly HashSet<string> _rows;
    private readonly string? _provenRow;

    /// <param name="rows">The names that stand for whole rows where a column could stand: aliases and relations of FROM.</param>
    /// <param name="provenRow">A row of which nothing is secret, so that a function of it is as good as a column.</param>
    public PlainExpression(HashSet<string> rows, string? provenRow = null)
    {
        _rows = rows;
        _provenRow = provenRow;
    }

    /// <summary>Unqualified, as folded.</summary>
    public HashSet<string> Columns { get; } = [];

    /// <summary>True when one of them was written <c>row.name</c>: it may be a function of the row.</summary>
    public bool HasNotation { get; private set; }

    /// <summary>True when the node is understood to its leaves; then its columns were noted.</summary>
    public bool Takes(SqlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (!node.Exists)
            return true;
        if (node.IsArray)
            return TakesAll(node);
        var body = node.Body;
        return Encoding.ASCII.GetString(node.Type) switch
        {
            "A_Const" or "ParamRef" or "SQLValueFunction" or "SetToDefault" => true,
            "ColumnRef" => TakesColumn(body["fields"u8]),
            "TypeCast" => IsBuiltInType(body["typeName"u8]) && Takes(body["arg"u8]),
            "A_Expr" => IsBuiltInOperator(body["name"u8]) && Takes(body["lexpr"u8]) && Takes(body["rexpr"u8]),
            "List" => Takes(body["items"u8]),
            "BoolExpr" or "CoalesceExpr" or "MinMaxExpr" => Takes(body["args"u8]),
            "NullTest" or "BooleanTest" or "CollateClause" => Takes(body["arg"u8]),
            "A_ArrayExpr" => Takes(body["elements"u8]),
            "CaseExpr" => Takes(body["arg"u8]) && Takes(body["args"u8]) && Takes(body["defresult"u8]),
            "CaseWhen" => Takes(body["expr"u8]) && Takes(body["result"u8]),
            "SortBy" => Takes(body["node"u8]) && IsBuiltInOperator(body["useOp"u8]),
            "FuncCall" => TakesCall(body),
            _ => false,
        };
    }

    private bool TakesAll(SqlNode list)
    {
        foreach (var item in list.Items)
        {
            if (!Takes(item))
                return false;
        }
        return true;
    }

    private bool TakesColumn(SqlNode fields)
    {
        var name = SqlNames.Part(fields.Last);
        if (name.Length == 0 || (fields.Count == 1 ? name == _provenRow || _rows.Contains(name) : RowFunctions.Contains(name)) || FunctionTable.IsDangerous(name))
            return false;
        HasNotation |= fields.Count > 1 && !(fields.Count == 2 && SqlNames.Qualified(ObjectType.Other, fields)!.Schema == _provenRow);
        Columns.Add(name);
        return true;
    }

    private bool TakesCall(SqlNode call)
    {
        var function = SqlNames.Qualified(ObjectType.Function, call["funcname"u8]);
        return function is not null && FunctionTable.IsPlain(function.Schema, function.Name)
            && Takes(call["args"u8]) && Takes(call["agg_filter"u8]) && Takes(call["agg_order"u8]) && TakesWindow(call["over"u8]);
    }

    private bool TakesWindow(SqlNode over) =>
        !over.Exists
        || (!over["name"u8].Exists && !over["refname"u8].Exists && Takes(over["partitionClause"u8]) && Takes(over["orderClause"u8])
            && Takes(over["startOffset"u8]) && Takes(over["endOffset"u8]));

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
