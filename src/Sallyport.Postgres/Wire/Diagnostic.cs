namespace Sallyport.Postgres.Wire;

/// <summary>
/// What ErrorResponse and NoticeResponse say, as the gateway's own: severity, SQLSTATE, message, detail, hint (PostgreSQL manual,
/// "Error and Notice Message Fields").
/// </summary>
public sealed record Diagnostic(string Severity, string Code, string Message, string? Detail = null, string? Hint = null)
{
    public static Diagnostic Error(string code, string message, string? detail = null, string? hint = null) =>
        new("ERROR", code, message, detail, hint);

    public static Diagnostic Fatal(string code, string message, string? hint = null) => new("FATAL", code, message, null, hint);

    public static Diagnostic Notice(string message, string? detail = null, string? hint = null) =>
        new("NOTICE", "00000", message, detail, hint);
}

/// <summary>SQLSTATEs that the gateway itself uses (PostgreSQL manual, appendix A).</summary>
public static class SqlState
{
    public const string ProtocolViolation = "08P01";
    public const string ConnectionFailure = "08006";
    public const string CannotConnectNow = "57P03";
    public const string AdminShutdown = "57P01";
    public const string QueryCanceled = "57014";
    public const string FeatureNotSupported = "0A000";
    public const string InvalidParameterValue = "22023";
    public const string InvalidAuthorization = "28000";
    public const string InvalidPassword = "28P01";
    public const string InsufficientPrivilege = "42501";
    public const string SyntaxError = "42601";
    public const string InvalidStatementName = "26000";
    public const string ProgramLimitExceeded = "54000";
    public const string TooManyConnections = "53300";
    public const string DiskFull = "53100";
    public const string InternalError = "XX000";
}
