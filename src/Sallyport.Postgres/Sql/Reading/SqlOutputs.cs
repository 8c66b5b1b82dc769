using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// What the output columns of a SELECT or RETURNING list are made of. A list of what is understood: anything else is
/// <see cref="OutputKind.Unknown"/>.
/// </summary>
internal static class SqlOutputs
{
    /// <param name="targets">The list.</param>
    /// <param name="rows">See <see cref="PlainExpression"/>.</param>
    public static ImmutableArray<SqlOutput> Read(SqlNode targets, HashSet<string> rows)
    {
        var outputs = ImmutableArray.CreateBuilder<SqlOutput>();
        foreach (var target in targets.Items)
        {
            var value = target.As("ResTarget"u8)["val"u8];
            // (row).* becomes any number of columns: the later ones can no longer be counted.
            if (value.As("A_Indirection"u8)["indirection"u8].Last.As("A_Star"u8).Exists)
                return [];
            outputs.Add(ReadOne(value, rows));
        }
        return outputs.ToImmutable();
    }

    private static SqlOutput ReadOne(SqlNode value, HashSet<string> rows)
    {
        if (value.As("ColumnRef"u8)["fields"u8] is { Exists: true } fields && fields.Last.As("A_Star"u8).Exists)
            return new SqlOutput(OutputKind.Star, []);
        var expression = new PlainExpression(rows);
        if (!expression.Takes(value))
            return new SqlOutput(OutputKind.Unknown, []);
        if (IsCount(value))
            return new SqlOutput(OutputKind.Count, []);
        var kind = expression.HasNotation ? OutputKind.Notation : value.As("ColumnRef"u8).Exists ? OutputKind.Column : OutputKind.Expression;
        return new SqlOutput(kind, [.. expression.Columns]);
    }

    private static bool IsCount(SqlNode value)
    {
        var call = value.As("FuncCall"u8);
        return call.Exists && SqlNames.Qualified(ObjectType.Function, call["funcname"u8]) is { Name: "count" }
            && !call["agg_filter"u8].Exists && !call["over"u8].Exists;
    }
}
