using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Upstream;

/// <summary>
/// Why there is no upstream connection. What the client hears never carries the gateway's credential or the upstream's own words about
/// it.
/// </summary>
public enum UpstreamFault : byte
{
    None,
    Unreachable,
    TimedOut,
    TlsRefused,
    TlsFailed,
    CredentialMissing,
    CredentialRefused,
    DatabaseMissing,
    TooManyConnections,
    StartingOrStopping,

    /// <summary>It does not speak the protocol, or breaks it.</summary>
    Malformed,
    Refused,
}

/// <summary>Words for clients about an upstream that is not there.</summary>
public static class UpstreamFaults
{
    public static Diagnostic ToClient(UpstreamFault fault, string resource) => fault switch
    {
        UpstreamFault.Unreachable =>
            Down($"the database behind \"{resource}\" cannot be reached", "Try again; if it stays so, tell who runs the gateway."),
        UpstreamFault.TimedOut =>
            Down($"the database behind \"{resource}\" does not answer in time", "Try again; if it stays so, tell who runs the gateway."),
        UpstreamFault.TlsRefused or UpstreamFault.TlsFailed => Down(
            $"the gateway cannot make a trusted TLS connection to the database behind \"{resource}\"",
            "Tell who runs the gateway: its log says what failed."),
        UpstreamFault.CredentialMissing or UpstreamFault.CredentialRefused => Down(
            $"the gateway could not log in to the database behind \"{resource}\"",
            "Your own password is right; tell who runs the gateway that its credential was not accepted."),
        UpstreamFault.DatabaseMissing =>
            Down($"the database behind \"{resource}\" does not exist", "Tell who runs the gateway: the resource names a missing database."),
        UpstreamFault.TooManyConnections =>
            Diagnostic.Fatal(SqlState.TooManyConnections, $"the database behind \"{resource}\" has no connection left", "Try again later."),
        UpstreamFault.StartingOrStopping =>
            Diagnostic.Fatal(SqlState.CannotConnectNow, $"the database behind \"{resource}\" is starting up or shutting down",
                "Try again."),
        _ => Down($"the database behind \"{resource}\" refused the gateway's connection", "Tell who runs the gateway: its log says why."),
    };

    private static Diagnostic Down(string message, string hint) => Diagnostic.Fatal(SqlState.ConnectionFailure, message, hint);
}
