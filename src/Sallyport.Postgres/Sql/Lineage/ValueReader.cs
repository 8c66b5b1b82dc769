using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>
/// An expression → <see cref="Value"/>: it descends into all there is, so a kind of expression that nobody thought of gives away
/// what it is made of like any other.
/// </summary>
internal sealed class ValueReader
{
    private readonly ImmutableArray<ColumnReference>.Builder _columns = ImmutableArray.CreateBuilder<ColumnReference>();
    private readonly ImmutableArray<SubQuery>.Builder _queries = ImmutableArray.CreateBuilder<SubQuery>();
    private readonly ImmutableArray<EffectObject>.Builder _calls = ImmutableArray.CreateBuilder<EffectObject>();
    private readonly ImmutableArray<Condition>.Builder _decides = ImmutableArray.CreateBuilder<Condition>();

    public static Value Read(SqlNode node)
    {
        if (node.As("FuncCall"u8) is { Exists: true } call && IsCountCall(call))
            return new Value(ValueKind.Count);
        var reader = new ValueReader();
        reader.Visit(node);
        if (reader is { _columns.Count: 0, _queries.Count: 0, _calls.Count: 0, _decides.Count: 0 })
            return Value.Constant;
        return new Value(IsColumn(node) ? ValueKind.Column : ValueKind.Expression)
        {
            Columns = reader._columns.ToImmutable(),
            Queries = reader._queries.ToImmutable(),
            Calls = reader._calls.ToImmutable(),
            Decides = reader._decides.ToImmutable(),
        };
    }

    /// <summary>True for a column, or a field of a named row, as it is.</summary>
    public static bool IsColumn(SqlNode node) =>
        node.As("ColumnRef"u8)["fields"u8] is { Exists: true } fields
            ? !fields.Last.As("A_Star"u8).Exists
            : node.As("A_Indirection"u8) is { Exists: true } field && IsField(field);

    private static bool IsField(SqlNode field) =>
        field["indirection"u8].Count == 1 && field["indirection"u8].Last.As("String"u8).Exists && IsColumn(field["arg"u8]);

    // How many rows have a value tells nothing of the values, unless it is an expression that decides which have.
    private static bool IsCountCall(SqlNode call)
    {
        if (SqlNames.Qualified(ObjectType.Function, call["funcname"u8]) is not { Name: "count", Schema: "" or "pg_catalog" }
            || call["agg_filter"u8].Exists || call["over"u8].Exists || call["agg_order"u8].Exists)
            return false;
        foreach (var argument in call["args"u8].Items)
        {
            if (!IsColumn(argument) && !argument.As("A_Const"u8).Exists)
                return false;
        }
        return true;
    }

    /// <summary>True when nothing of the database reaches it: constants, parameters, the clock.</summary>
    public static bool IsConstant(SqlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var item in node.Items)
        {
            if (!IsConstant(item))
                return false;
        }
        var type = node.Type;
        if (type.SequenceEqual("ColumnRef"u8) || type.SequenceEqual("SelectStmt"u8))
            return false;
        if (type.SequenceEqual("FuncCall"u8) && SqlNames.Function(node.Body["funcname"u8]) is var function
            && !FunctionTable.IsComputed(function.Schema, function.Name))
            return false;
        foreach (var member in node.Members)
        {
            if (!IsConstant(member.Value))
                return false;
        }
        return true;
    }

    private void Visit(SqlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node.IsArray)
        {
            foreach (var item in node.Items)
                Visit(item);
        }
        else if (!node.Type.IsEmpty)
        {
            VisitTyped(node.Type, node.Body);
        }
        else
        {
            VisitMembers(node);
        }
    }

    private void VisitMembers(SqlNode node)
    {
        foreach (var member in node.Members)
        {
            if (member.Value.IsObject || member.Value.IsArray)
                Visit(member.Value);
        }
    }

    private void VisitTyped(ReadOnlySpan<byte> type, SqlNode body)
    {
        if (type.SequenceEqual("ColumnRef"u8))
            AddColumn(body["fields"u8], null);
        else if (type.SequenceEqual("SelectStmt"u8))
            _queries.Add(new SubQuery(QueryReader.ReadSelect(body), IsPresence: false));
        else if (type.SequenceEqual("SubLink"u8) && body["subLinkType"u8].Is("EXISTS_SUBLINK"u8))
            _queries.Add(new SubQuery(QueryReader.ReadSelect(body["subselect"u8].As("SelectStmt"u8)), IsPresence: true));
        else if (type.SequenceEqual("FuncCall"u8) && IsCountCall(body))
            return;
        else if (type.SequenceEqual("FuncCall"u8))
            VisitCall(body);
        else if (type.SequenceEqual("A_Indirection"u8))
            VisitIndirection(body);
        else if (type.SequenceEqual("CaseExpr"u8))
            VisitCase(body);
        else if (!type.SequenceEqual("TypeName"u8))
            VisitMembers(body);
    }

    private void AddColumn(SqlNode fields, string? field)
    {
        var parts = ImmutableArray.CreateBuilder<string>();
        foreach (var part in fields.Items)
        {
            if (part.As("String"u8).Exists)
                parts.Add(SqlNames.Part(part));
        }
        // A star is the whole row; a bare one the rows of all there is, for which no single name stands.
        if (field is not null)
            parts.Add(field);
        _columns.Add(new ColumnReference(parts.ToImmutable(), IsField: field is not null));
    }

    private void VisitCall(SqlNode call)
    {
        var function = SqlNames.Function(call["funcname"u8]);
        if (!FunctionTable.IsComputed(function.Schema, function.Name))
            _calls.Add(function);
        // How many rows these give is what they were given.
        if (function is { Name: "generate_series" or "generate_subscripts" })
            ConditionReader.AddComparison(call["args"u8], _decides);
        else
            Visit(call["args"u8]);
        ConditionReader.Add(call["agg_filter"u8], _decides);
        ConditionReader.AddOrder(call["agg_order"u8], _decides);
        ConditionReader.AddWindow(call["over"u8], _decides);
    }

    private void VisitCase(SqlNode body)
    {
        var isChoice = body["arg"u8].Exists;
        if (isChoice)
            ConditionReader.AddChoice(body["arg"u8], body["args"u8], _decides);
        foreach (var item in body["args"u8].Items)
        {
            var when = item.As("CaseWhen"u8);
            if (!isChoice)
                ConditionReader.Add(when["expr"u8], _decides);
            Visit(when["result"u8]);
        }
        Visit(body["defresult"u8]);
    }

    private void VisitIndirection(SqlNode body)
    {
        var row = body["arg"u8].As("ColumnRef"u8)["fields"u8];
        string? field = null;
        foreach (var step in body["indirection"u8].Items)
        {
            if (field is null && row.Exists && !row.Last.As("A_Star"u8).Exists && step.As("String"u8).Exists)
                field = SqlNames.Part(step);
            else
                Visit(step);
        }
        if (field is not null)
            AddColumn(row, field);
        else
            Visit(body["arg"u8]);
    }
}
