using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>
/// What decides about rows → <see cref="Condition"/>s, one for each comparison in a WHERE. What is not plainly a test for equality
/// or presence is a <see cref="ConditionKind.Comparison"/>.
/// </summary>
internal static class ConditionReader
{
    public static void Add(SqlNode node, ImmutableArray<Condition>.Builder into)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (!node.Exists)
            return;
        if (node.As("BoolExpr"u8) is { Exists: true } boolean)
        {
            foreach (var argument in boolean["args"u8].Items)
                Add(argument, into);
            return;
        }
        AddOne(KindOf(node), node, into);
    }

    /// <summary>Anything whose value tells more than equality would.</summary>
    public static void AddComparison(SqlNode node, ImmutableArray<Condition>.Builder into) => AddOne(ConditionKind.Comparison, node, into);

    /// <summary>CASE value WHEN …: each is compared for equality.</summary>
    public static void AddChoice(SqlNode value, SqlNode whens, ImmutableArray<Condition>.Builder into)
    {
        var kind = IsComparable(value) ? ConditionKind.Equality : ConditionKind.Comparison;
        AddOne(kind, value, into);
        foreach (var item in whens.Items)
        {
            var when = item.As("CaseWhen"u8)["expr"u8];
            AddOne(kind == ConditionKind.Equality && IsComparable(when) ? kind : ConditionKind.Comparison, when, into);
        }
    }

    /// <summary>ORDER BY.</summary>
    public static void AddOrder(SqlNode list, ImmutableArray<Condition>.Builder into)
    {
        foreach (var item in list.Items)
            AddOutput(ConditionKind.Comparison, item.As("SortBy"u8)["node"u8], into);
    }

    /// <summary>GROUP BY and DISTINCT ON.</summary>
    public static void AddGroups(SqlNode list, ImmutableArray<Condition>.Builder into)
    {
        foreach (var item in list.Items)
        {
            if (item.As("GroupingSet"u8) is { Exists: true } set)
                AddGroups(set["content"u8], into);
            else if (item.As("RowExpr"u8) is { Exists: true } row)
                AddGroups(row["args"u8], into);
            else
                AddOutput(IsComparable(item) ? ConditionKind.Equality : ConditionKind.Comparison, item, into);
        }
    }

    /// <summary>The body of a WindowDef.</summary>
    public static void AddWindow(SqlNode window, ImmutableArray<Condition>.Builder into)
    {
        foreach (var item in window["partitionClause"u8].Items)
            AddOne(IsComparable(item) ? ConditionKind.Equality : ConditionKind.Comparison, item, into);
        foreach (var item in window["orderClause"u8].Items)
            AddOne(ConditionKind.Comparison, item.As("SortBy"u8)["node"u8], into);
        AddOne(ConditionKind.Comparison, window["startOffset"u8], into);
        AddOne(ConditionKind.Comparison, window["endOffset"u8], into);
    }

    private static void AddOne(ConditionKind kind, SqlNode node, ImmutableArray<Condition>.Builder into)
    {
        var value = node.Exists ? ValueReader.Read(node) : Value.Constant;
        if (!ReferenceEquals(value, Value.Constant))
            into.Add(new Condition(kind, value));
    }

    private static void AddOutput(ConditionKind kind, SqlNode node, ImmutableArray<Condition>.Builder into)
    {
        if (node.As("A_Const"u8)["ival"u8] is { Exists: true } number)
        {
            into.Add(new Condition(kind, Value.Constant, Output: number["ival"u8].Int));
            return;
        }
        var value = ValueReader.Read(node);
        var name = value is { Kind: ValueKind.Column, Columns: [{ Parts: [var only] }] } ? only : null;
        if (!ReferenceEquals(value, Value.Constant))
            into.Add(new Condition(kind, value, OutputName: name));
    }

    private static ConditionKind KindOf(SqlNode node)
    {
        if (node.As("NullTest"u8) is { Exists: true } test)
            return IsComparable(test["arg"u8]) ? ConditionKind.Presence : ConditionKind.Comparison;
        if (node.As("BooleanTest"u8) is { Exists: true } truth)
            return IsComparable(truth["arg"u8]) ? ConditionKind.Equality : ConditionKind.Comparison;
        if (node.As("SubLink"u8) is { Exists: true } link)
            return KindOfLink(link);
        if (ValueReader.IsColumn(node))
            return ConditionKind.Equality;
        var operation = node.As("A_Expr"u8);
        return operation.Exists && TestsEquality(operation) && IsComparable(operation["lexpr"u8]) && IsComparable(operation["rexpr"u8])
            ? ConditionKind.Equality
            : ConditionKind.Comparison;
    }

    private static bool TestsEquality(SqlNode operation)
    {
        var kind = operation["kind"u8];
        if (kind.Is("AEXPR_DISTINCT"u8) || kind.Is("AEXPR_NOT_DISTINCT"u8) || kind.Is("AEXPR_IN"u8))
            return true;
        return (kind.Is("AEXPR_OP"u8) || kind.Is("AEXPR_OP_ANY"u8) || kind.Is("AEXPR_OP_ALL"u8)) && IsEquals(operation["name"u8]);
    }

    private static bool IsEquals(SqlNode name) => SqlNames.Qualified(ObjectType.Other, name) is { Schema: "" or "pg_catalog", Name: "=" or "<>" };

    private static ConditionKind KindOfLink(SqlNode link)
    {
        if (link["subLinkType"u8].Is("EXISTS_SUBLINK"u8))
            return ConditionKind.Presence;
        var isEquality = link["subLinkType"u8].Is("ANY_SUBLINK"u8) || link["subLinkType"u8].Is("ALL_SUBLINK"u8);
        return isEquality && (!link["operName"u8].Exists || IsEquals(link["operName"u8])) && IsComparable(link["testexpr"u8]) && IsPlainQuery(link["subselect"u8])
            ? ConditionKind.Equality
            : ConditionKind.Comparison;
    }

    /// <summary>A column as it is but for its case, its type or its collation; what has no column at all; lists and rows of these.</summary>
    private static bool IsComparable(SqlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (!node.Exists || ValueReader.IsColumn(node))
            return true;
        if (node.As("TypeCast"u8) is { Exists: true } cast)
            return IsText(cast["typeName"u8]) ? IsComparable(cast["arg"u8]) : ValueReader.IsConstant(node);
        if (node.As("CollateClause"u8) is { Exists: true } collate)
            return IsComparable(collate["arg"u8]);
        if (node.As("RowExpr"u8) is { Exists: true } row)
            return AreComparable(row["args"u8]);
        if (node.As("List"u8) is { Exists: true } list)
            return AreComparable(list["items"u8]);
        if (node.As("FuncCall"u8) is { Exists: true } call && SqlNames.Qualified(ObjectType.Function, call["funcname"u8]) is { Schema: "" or "pg_catalog", Name: "lower" or "upper" })
            return AreComparable(call["args"u8]);
        if (node.As("SubLink"u8) is { Exists: true } link && link["subLinkType"u8].Is("EXPR_SUBLINK"u8))
            return IsPlainQuery(link["subselect"u8]);
        return ValueReader.IsConstant(node);
    }

    private static bool AreComparable(SqlNode list)
    {
        foreach (var item in list.Items)
        {
            if (!IsComparable(item))
                return false;
        }
        return true;
    }

    // A cast to a shorter text would compare a part of the value.
    private static bool IsText(SqlNode type) =>
        !type["typmods"u8].Exists && SqlNames.Qualified(ObjectType.Other, type["names"u8]) is { Schema: "" or "pg_catalog", Name: "text" or "varchar" };

    private static bool IsPlainQuery(SqlNode node)
    {
        var select = node.As("SelectStmt"u8);
        if (!select.Exists || select["larg"u8].Exists)
            return false;
        foreach (var target in select["targetList"u8].Items)
        {
            if (!IsComparable(target.As("ResTarget"u8)["val"u8]))
                return false;
        }
        return true;
    }
}
