using Sallyport.Core;

namespace Sallyport.Hosting.Sessions;

/// <summary>What is logged of sessions; event ids 1000 to 1099 and stable. Texts of clients are escaped by the caller.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(1000, LogLevel.Information, "session {Session} opened: {Principal} on {Resource} from {Client} by {Proof}")]
    public static partial void Opened(ILogger logger, SessionId session, string principal, string resource, string client, string proof);

    [LoggerMessage(1001, LogLevel.Information, "session {Session} closed: {End} {Detail}")]
    public static partial void Closed(ILogger logger, SessionId session, string end, string detail);

    [LoggerMessage(1003, LogLevel.Error, "sessions whose proof is over could not be looked for; the next look comes")]
    public static partial void SweepFailed(ILogger logger, Exception error);

    [LoggerMessage(1002, LogLevel.Error, "session {Session}: the store did not take its end: {Error}")]
    public static partial void EndNotStored(ILogger logger, SessionId session, string error);
}
