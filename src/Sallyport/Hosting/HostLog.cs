namespace Sallyport.Hosting;

/// <summary>What the host logs; event ids 1 to 99 and stable.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Information, "sallyport {Version} serves {EndPoints}, admin at {Socket}, policy {Snapshot}")]
    public static partial void Started(ILogger logger, string version, string endPoints, string socket, string snapshot);

    [LoggerMessage(2, LogLevel.Information, "stopping: {Sessions} sessions have {Deadline} to end")]
    public static partial void Stopping(ILogger logger, int sessions, TimeSpan deadline);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "the gateway died in {Sessions} sessions; they are marked interrupted")]
    public static partial void Orphans(ILogger logger, int sessions);
}
