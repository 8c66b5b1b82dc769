using Sallyport.Core;
using Sallyport.Recording.Replay;
using Sallyport.Recording.Ring;
using Sallyport.Recording.Segments;

namespace Sallyport.Recording;

/// <summary>
/// The gateway's recorder: one ring, one flusher, one chain of segments in one folder that no other process may use meanwhile.
/// Dispose ends it cleanly: everything written, the segment sealed.
/// </summary>
public sealed class Recorder : IRecorder, IAsyncDisposable
{
    private readonly FileStream _lock;
    private readonly RingMemory _memory;
    private readonly RecordRing _ring;
    private readonly Flusher _flusher;
    private readonly SegmentWriter _writer;
    private readonly HeadLog _heads;
    private readonly GatewayKey _key;
    private readonly DiskReserve _reserve;
    private readonly IndexFeeder? _index;
    private readonly TimeProvider _time;
    private int _disposed;

    private Recorder(RecorderOptions options, TimeProvider time, ISegmentIndexStore? store, FileStream lockFile)
    {
        _time = time;
        _lock = lockFile;
        PrivateFile.CreateFolder(SegmentFolder.In(options.Folder));
        _key = GatewayKey.OpenOrCreate(options.KeyPath);
        _heads = new HeadLog(options.HeadsPath);
        _reserve = new DiskReserve(options.Folder, options.MinimumFreeBytes, options.ReservedBytes);
        _reserve.Prepare();
        var ringPath = Path.Combine(options.Folder, "ring");
        var state = CrashRecovery.CloseLastSegment(options, _key, time, _reserve, _heads);
        _writer = new SegmentWriter(options.Folder, _key, time, _reserve, _heads, state);
        // After a crash the store knows less of the last segment than the segment itself; a row too many costs nothing.
        var lastRows = new RecordingReader(options.Folder, null, time).RowsOfLastSegment();
        _writer.OpenSegment();
        var old = RingMemory.TryMap(ringPath);
        Recovery = Describe(CrashRecovery.Drain(old is null ? null : RecordRing.Adopt(old), _writer, state, time));
        if (old is not null && old.Capacity != options.RingBytes)
        {
            old.Dispose();
            old = null;
        }
        _memory = old ?? RingMemory.Create(ringPath, options.RingBytes);
        _ring = RecordRing.Prepare(_memory);
        _index = store is null ? null : new IndexFeeder(store);
        _index?.Offer(lastRows);
        _flusher = new Flusher(_ring, _writer, _reserve, _index, options);
        _flusher.Start();
    }

    /// <summary>What the start had to repair after a crash, in words; null after a clean stop.</summary>
    public string? Recovery { get; }

    public string? Fault => _flusher.Fault;

    /// <summary>Why rows of the index do not reach the store, or null. Not a fault of the recording.</summary>
    public string? IndexFault => _index?.Fault;

    /// <summary>The longest record that can be taken, in bytes.</summary>
    public long MaxRecordBytes => _ring.MaxRecord;

    /// <summary>Opens the folder, repairs what a crash left, starts the flusher.</summary>
    public static RecorderOpenResult Open(RecorderOptions options, TimeProvider time, ISegmentIndexStore? index)
    {
        if (options.RingBytes < 1 << 20 || options.RingBytes % RecordRing.EntryHeader != 0 || options.SegmentBytes < 4096
            || options.MinimumFreeBytes < 0 || options.ReservedBytes < 0 || options.FlushInterval <= TimeSpan.Zero)
            return new RecorderOpenResult(RecorderOpenOutcome.BadOptions, null, "Recording: a size or interval is out of range.");
        FileStream? lockFile = null;
        try
        {
            PrivateFile.CreateFolder(options.Folder);
            lockFile = FolderLock.TryTake(options.Folder);
            if (lockFile is null)
            {
                return new RecorderOpenResult(
                    RecorderOpenOutcome.Locked, null, $"Another process records into {options.Folder}. One gateway needs one folder of its own.");
            }
            var recorder = new Recorder(options, time, index, lockFile);
            return new RecorderOpenResult(RecorderOpenOutcome.Opened, recorder, recorder.Recovery);
        }
        catch (Exception error)
        {
            lockFile?.Dispose();
            return new RecorderOpenResult(RecorderOpenOutcome.Failed, null, $"Recording into {options.Folder} cannot start: {error.Message}");
        }
    }

    public ISessionRecorder? TryOpen(SessionId session, out string? reason)
    {
        reason = Fault ?? _reserve.Refusal();
        return reason is null ? new SessionRecorder(session, _ring, _flusher, _time) : null;
    }

    /// <summary>Completes when all that was appended before the call is on the device, where readers see it; false when it failed.</summary>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        var reserved = _ring.Reserved;
        return reserved >= 0
            && await new SessionRecorder(default, _ring, _flusher, _time).WaitDurableAsync(reserved, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        _flusher.Dispose();
        if (_index is not null)
            await _index.DisposeAsync().ConfigureAwait(false);
        // A writer that never finished its copy may still hold the memory: then the process's end unmaps it.
        if (_flusher.IsQuiet)
            _ring.Dispose();
        _writer.Dispose();
        _heads.Dispose();
        _key.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private static string? Describe((int Records, int Unfinished, int Interrupted) found) => found is (0, 0, 0)
        ? null
        : $"The last run did not end cleanly: {found.Records} records taken over from the ring, {found.Unfinished} unfinished appends dropped, "
            + $"{found.Interrupted} sessions marked as interrupted.";
}
