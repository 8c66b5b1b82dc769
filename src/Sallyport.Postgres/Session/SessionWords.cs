using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>Last words to clients, one place each.</summary>
internal static class SessionWords
{
    public static readonly Diagnostic RecorderFailed = Diagnostic.Fatal(
        SqlState.DiskFull, "the gateway cannot record any more, and nothing passes unrecorded",
        "Tell who runs the gateway: its disk may be full.");

    public static readonly Diagnostic UpstreamLost = Diagnostic.Fatal(
        SqlState.ConnectionFailure, "the gateway lost its connection to the database",
        "Connect again; a transaction that was open is rolled back.");

    public static readonly Diagnostic UpstreamBroke = Diagnostic.Fatal(
        SqlState.ProtocolViolation, "the database sent what the gateway cannot read, so the session ends", "Tell who runs the gateway.");

    public static readonly Diagnostic RowTooLarge = Diagnostic.Fatal(
        SqlState.ProgramLimitExceeded, "a row is too large for its columns to be masked", "Select fewer or smaller columns.");

    public static readonly Diagnostic CopyOfUnknown = Diagnostic.Fatal(
        SqlState.InsufficientPrivilege, "it is not known which columns this COPY sends, so they cannot be masked",
        "Write COPY schema.relation (column, …) TO STDOUT, outside a transaction that changed relations.");

    public static Diagnostic Killed(string reason) => Diagnostic.Fatal(SqlState.AdminShutdown, "the session was ended: " + reason);
}
