using Sallyport.Core;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Session;

/// <summary>What a client is told about a query that masks do not allow; read behind "it reads masked columns, and ".</summary>
internal static class MaskWords
{
    public static string Of(Finding finding)
    {
        var column = finding.Origin.Masked;
        return finding.Kind switch
        {
            FindingKind.TooComplex => "it is too complex to be followed",
            FindingKind.Copy when column is null => $"what it writes to {finding.Into} cannot be followed to its source",
            FindingKind.Copy => $"it would copy {column.Name} to {finding.Into}, where it is not masked",
            _ when column is null => "what it compares or orders by cannot be followed to its source",
            _ when column.Predicates == PredicateUse.Deny =>
                $"its rows depend on {column.Name}, which mask \"{column.Rule}\" does not allow (predicates: deny)",
            _ => $"its rows depend on {column.Name} by more than equality, which mask \"{column.Rule}\" does not allow (predicates: equality)",
        };
    }
}
