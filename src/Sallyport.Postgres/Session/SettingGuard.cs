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
            "search_path" when isMasked && value is not null && PutsSomethingBeforeBuiltIns(value) =>
                "a schema before pg_catalog in search_path could put its own functions in the place of built-ins; leave pg_catalog out",
            _ => null,
        };
    }

    /// <summary>Read as the server reads a list of names. Without pg_catalog in it, the server looks there first.</summary>
    private static bool PutsSomethingBeforeBuiltIns(string list)
    {
        var names = new List<string>();
        var isQuoted = false;
        var start = 0;
        for (var i = 0; i <= list.Length; i++)
        {
            if (i < list.Length && list[i] == '"')
                isQuoted = !isQuoted;
            if (i < list.Length && (list[i] != ',' || isQuoted))
                continue;
            var name = list[start..i].Trim(' ', '\t', '\n', '\r', '\f', '\v');
            names.Add(name.StartsWith('"') ? name.Trim('"') : name.ToLowerInvariant());
            start = i + 1;
        }
        names.RemoveAll(static n => n == "pg_temp");
        return names.IndexOf("pg_catalog") > 0;
    }

    // RESET gives the value back that the gateway itself set at the start.
    private static bool IsReset(SqlStatement statement) =>
        statement.Value is null && statement.Verb.StartsWith("reset", StringComparison.Ordinal);
}
