namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>The name that the server gives an output column without AS, where it is sure (FigureColname of parse_target.c).</summary>
internal static class TargetName
{
    public static string? Of(SqlNode value)
    {
        if (value.As("ColumnRef"u8)["fields"u8] is { Exists: true } fields)
            return fields.Last.As("String"u8).Exists ? SqlNames.Part(fields.Last) : null;
        if (value.As("FuncCall"u8)["funcname"u8] is { Exists: true } function)
            return SqlNames.Part(function.Last);
        // The last name wins; under subscripts alone it is the argument's.
        if (value.As("A_Indirection"u8) is { Exists: true } steps)
            return steps["indirection"u8].Last.As("String"u8).Exists ? SqlNames.Part(steps["indirection"u8].Last) : null;
        if (value.As("CollateClause"u8) is { Exists: true } collate)
            return Of(collate["arg"u8]);
        return value.As("TypeCast"u8) is { Exists: true } cast ? Of(cast["arg"u8]) : null;
    }
}
