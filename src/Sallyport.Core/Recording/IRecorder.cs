namespace Sallyport.Core;

/// <summary>
/// Takes records of all sessions. Never drops, never lies: full means back-pressure, failing means the session ends.
/// </summary>
public interface IRecorder
{
    /// <summary>A writer for one session. Null when new sessions cannot be taken (watermark, failed device); says why.</summary>
    ISessionRecorder? TryOpen(SessionId session, out string? reason);

    /// <summary>Why the recorder is unhealthy, or null.</summary>
    string? Fault { get; }
}

/// <summary>
/// The writer of one session's records. Not for concurrent use by more than two threads (the client's side and the upstream's);
/// records of one thread keep their order. No lock, no allocation per record.
/// </summary>
public interface ISessionRecorder
{
    /// <summary>
    /// Copies a record made of two parts into the ring; longer ones than the ring takes are split and joined again on reading.
    /// All of it or, when not <see cref="RecordOutcome.Taken"/>, nothing. <paramref name="position"/> grows with each record.
    /// </summary>
    RecordOutcome TryAppend(RecordKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, out long position);

    /// <summary>Completes when the ring has room again; false when the recorder failed.</summary>
    ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken);

    /// <summary>Completes when everything up to <paramref name="position"/> is on the device; false when the recorder failed.</summary>
    ValueTask<bool> WaitDurableAsync(long position, CancellationToken cancellationToken);
}
