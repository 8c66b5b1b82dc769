using Sallyport.Core;

namespace Sallyport.Hosting.Assembly;

/// <summary>What is logged while the parts are joined; event ids 100 to 199 and stable.</summary>
internal static partial class AssemblyLog
{
    [LoggerMessage(100, LogLevel.Warning, "the gateway had died: {Recovery}")]
    public static partial void Recovered(ILogger logger, string recovery);

    [LoggerMessage(103, LogLevel.Warning, "hold {Hold} of session {Session} waited when the gateway stopped; it is recorded as expired")]
    public static partial void HoldExpired(ILogger logger, string hold, SessionId session);
}
