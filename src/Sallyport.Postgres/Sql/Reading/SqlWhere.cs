using System.Runtime.CompilerServices;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// Whether a WHERE says which rows: it must name a column in every way it can come true. <c>true</c>, <c>1 = 1</c>,
/// <c>id = 5 OR true</c> and <c>id = id</c> do not; <c>CURRENT OF</c> does.
/// </summary>
internal static class SqlWhere
{
    /// <param name="condition">The expression, or a missing node.</param>
    /// <param name="target">How the statement calls the relation it changes: its alias or name.</param>
    public static WhereClause Read(SqlNode condition, string target) =>
        Restricts(condition, target) ? WhereClause.Present : WhereClause.Missing;

    private static bool Restricts(SqlNode node, string target)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node.As("CurrentOfExpr"u8).Exists)
            return true;
        if (node.As("BoolExpr"u8) is { Exists: true } boolean)
            return RestrictsBoolean(boolean, target);
        if (node.As("A_Expr"u8) is { Exists: true } operation && IsSelfComparison(operation, target))
            return false;
        return NamesColumn(node, target, inSubquery: false);
    }

    private static bool RestrictsBoolean(SqlNode boolean, string target)
    {
        var every = boolean["boolop"u8].Is("OR_EXPR"u8);
        foreach (var argument in boolean["args"u8].Items)
        {
            if (Restricts(argument, target) != every)
                return !every;
        }
        return every;
    }

    // id = id, id = t.id, id IS NOT DISTINCT FROM id and the like: true of every row.
    private static bool IsSelfComparison(SqlNode operation, string target)
    {
        var left = operation["lexpr"u8].As("ColumnRef"u8)["fields"u8];
        var right = operation["rexpr"u8].As("ColumnRef"u8)["fields"u8];
        return left.Exists && right.Exists && SqlNames.Part(left.Last) == SqlNames.Part(right.Last) && OwnerOf(left, target) == OwnerOf(right, target);
    }

    private static string OwnerOf(SqlNode fields, string target) => fields.Count == 1 ? target : SqlNames.Qualified(ObjectType.Other, fields)?.Schema ?? "";

    // A column of another relation says nothing about the rows of this one. Inside a subquery an unqualified column is the
    // subquery's own business; only a correlation with the target restricts it.
    private static bool NamesColumn(SqlNode node, string target, bool inSubquery)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node.IsArray)
        {
            foreach (var item in node.Items)
            {
                if (NamesColumn(item, target, inSubquery))
                    return true;
            }
            return false;
        }
        if (node.As("ColumnRef"u8)["fields"u8] is { Exists: true } fields)
            return fields.Count == 1 ? !inSubquery : fields.Count < 4 && OwnerOf(fields, target) == target;
        inSubquery |= node.Type.SequenceEqual("SelectStmt"u8);
        foreach (var member in node.Members)
        {
            if (NamesColumn(member.Value, target, inSubquery))
                return true;
        }
        return false;
    }
}
