using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Startup;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Settings whose change would part what the gateway reads from what the server runs (CVE-2006-2314 and its kin), or would open a
/// channel past the masks. Refused whatever the policy says.
/// </summary>
internal static class SettingGuard
{
    /// <summary>Why this SET must not pass, or null.</summary>
    public static string? WhyNot(SqlStatement statement, bool isMasked)
    {
        var value = statement.Value;
        return statement.Name?.ToLowerInvariant() switch
        {
            "client_encoding" or "names" when !(value is null ? IsReset(statement) : StartupParameters.IsUtf8(value)) =>
                "client_encoding stays UTF8",
            "standard_conforming_strings" when !IsReset(statement) && value?.ToLowerInvariant() is not ("on" or "true" or "yes" or "1") =>
                "standard_conforming_strings stays on",
            "client_min_messages" when isMasked && value?.ToLowerInvariant() is not ("notice" or "warning" or "error") &&
                !IsReset(statement) =>
                "client_min_messages below notice would show values of masked columns",
            "debug_print_parse" or "debug_print_rewritten" or "debug_print_plan" or "log_statement_stats" or "log_parser_stats"
                or "log_planner_stats" or "log_executor_stats"
                when isMasked => "debug output would show values of masked columns",
            _ => null,
        };
    }

    // RESET gives the value back that the gateway itself set at the start.
    private static bool IsReset(SqlStatement statement) =>
        statement.Value is null && statement.Verb.StartsWith("reset", StringComparison.Ordinal);
}
