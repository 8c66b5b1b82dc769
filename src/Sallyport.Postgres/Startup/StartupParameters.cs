using System.Collections.Frozen;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Startup;

/// <summary>
/// Which startup parameters pass. An allow-list: <c>options</c> would carry any setting past the reading of commands, and
/// <c>replication</c> another protocol. What passes goes to the upstream as it is.
/// </summary>
internal static class StartupParameters
{
    private static readonly FrozenSet<string> Passing = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "DateStyle", "IntervalStyle", "TimeZone", "extra_float_digits", "bytea_output", "geqo", "jit", "statement_timeout", "lock_timeout",
        "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout");

    /// <summary>The parameters for the upstream, or why the client's are refused.</summary>
    public static (List<KeyValuePair<string, string>> Passed, Diagnostic? Refusal) Read(StartupPacket packet)
    {
        List<KeyValuePair<string, string>> passed = [];
        foreach (var (name, value) in packet.Parameters)
        {
            switch (name)
            {
                case "user" or "database" or "application_name":
                    break;
                case "client_encoding" when IsUtf8(value):
                    break;
                case "client_encoding":
                    return (passed, Diagnostic.Fatal(SqlState.InvalidParameterValue,
                        $"client_encoding \"{value}\" is not passed by the gateway", "Use client_encoding UTF8."));
                case "replication" when value is "false" or "off" or "no" or "0":
                    break;
                case "replication":
                    return (passed, Diagnostic.Fatal(SqlState.InsufficientPrivilege, "replication connections do not pass the gateway"));
                case "options" when value.Length == 0:
                    break;
                case "options":
                    return (passed, Diagnostic.Fatal(SqlState.InsufficientPrivilege,
                        "the startup parameter \"options\" does not pass the gateway",
                        "Unset PGOPTIONS and use SET after connecting."));
                case var _ when name.StartsWith("_pq_.", StringComparison.Ordinal):
                    break;
                case var _ when Passing.Contains(name):
                    passed.Add(new(name, value));
                    break;
                default:
                    return (passed, Diagnostic.Fatal(SqlState.InsufficientPrivilege,
                        $"the startup parameter \"{name}\" does not pass the gateway", "Use SET after connecting."));
            }
        }
        return (passed, null);
    }

    /// <summary>The names that PostgreSQL has for UTF-8, compared as it does: letters and digits alone.</summary>
    public static bool IsUtf8(string encoding)
    {
        var name = string.Concat(encoding.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return name is "utf8" or "unicode";
    }
}
