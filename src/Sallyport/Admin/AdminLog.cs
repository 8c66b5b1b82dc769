using Sallyport.Approvals;

namespace Sallyport.Admin;

/// <summary>What the admin API logs; event ids 2000 to 2099 and stable. Names are escaped by the caller.</summary>
internal static partial class AdminLog
{
    [LoggerMessage(2000, LogLevel.Warning, "admin: wrong proof of {Login}: {Reason}")]
    public static partial void Refused(ILogger logger, string login, string? reason);

    [LoggerMessage(2001, LogLevel.Error, "admin: the proof of {Login} cannot be checked: {Reason}")]
    public static partial void CannotCheck(ILogger logger, string login, string? reason);

    [LoggerMessage(2002, LogLevel.Information, "admin: {Principal} killed session {Session}: {Reason}")]
    public static partial void Killed(ILogger logger, string principal, string session, string reason);

    [LoggerMessage(2003, LogLevel.Information, "admin: {Principal} issued secret {Secret} of {Login}")]
    public static partial void Issued(ILogger logger, string principal, string secret, string login);

    [LoggerMessage(2004, LogLevel.Information, "admin: {Principal} revoked secret {Secret}")]
    public static partial void Revoked(ILogger logger, string principal, string secret);

    [LoggerMessage(2005, LogLevel.Information, "admin: {Principal} read the recording of session {Session}")]
    public static partial void Read(ILogger logger, string principal, string session);

    [LoggerMessage(2006, LogLevel.Warning, "admin: {Principal} was refused: {Action}")]
    public static partial void Forbidden(ILogger logger, string principal, string action);

    [LoggerMessage(2007, LogLevel.Error, "admin: {Method} {Path} failed")]
    public static partial void Fault(ILogger logger, string method, string path, Exception? error);

    [LoggerMessage(2008, LogLevel.Information, "admin: {Principal} said {Verb} to hold {Hold}: {Outcome}")]
    public static partial void Decided(ILogger logger, string principal, string verb, string hold, DecideOutcome outcome);
}
