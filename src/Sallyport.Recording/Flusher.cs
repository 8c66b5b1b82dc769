using System.Diagnostics;
using Sallyport.Core;
using Sallyport.Recording.Ring;
using Sallyport.Recording.Segments;

namespace Sallyport.Recording;

/// <summary>
/// The one reader of the ring, on a thread of its own: turns runs of published entries into blocks, makes them durable for those who
/// wait (one flush of the device per batch), gives room back, rolls segments. When the device fails it closes the ring: from then on
/// every append and every wait says so, and what was not written stays in the ring for the next start.
/// </summary>
internal sealed class Flusher : IDisposable
{
    /// <summary>How long the end of a stop or of a failure waits for writers that are in the middle of a copy.</summary>
    private static readonly TimeSpan CopyPatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Housekeeping = TimeSpan.FromSeconds(1);

    /// <summary>How long those who wait are kept waiting for others, however fast or slow the device is.</summary>
    private static readonly long LeastGathering = Stopwatch.Frequency / 10_000, MostGathering = Stopwatch.Frequency / 1000;

    private readonly RecordRing _ring;
    private readonly SegmentWriter _writer;
    private readonly DiskReserve _reserve;
    private readonly IndexFeeder? _index;
    private readonly RecorderOptions _options;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private readonly long _hurryAt;
    private long _durable;
    private long _durableWanted;
    private long _closedAt = -1;
    private long _lastHousekeeping;
    private int _idle;
    private int _roomWanted;
    private int _waiting;
    private int _lastWaiting;
    private long _lastSync;
    private volatile string? _fault;
    private volatile bool _stopping;

    public Flusher(RecordRing ring, SegmentWriter writer, DiskReserve reserve, IndexFeeder? index, RecorderOptions options)
    {
        _ring = ring;
        _writer = writer;
        _reserve = reserve;
        _index = index;
        _options = options;
        _hurryAt = ring.Capacity / 4;
        _thread = new Thread(Run) { IsBackground = true, Name = "recording" };
    }

    public Pulse Room { get; } = new();

    public Pulse Synced { get; } = new();

    public string? Fault => _fault;

    /// <summary>Everything before it is on the device.</summary>
    public long Durable => Volatile.Read(ref _durable);

    /// <summary>True when no writer can be in the ring's memory any more.</summary>
    public bool IsQuiet { get; private set; }

    public void Start() => _thread.Start();

    /// <summary>Called by a writer after it published: wakes the thread when it sleeps without a deadline, or when the ring fills up.</summary>
    public void Appended(long end)
    {
        if (Volatile.Read(ref _idle) == 1 && Interlocked.Exchange(ref _idle, 0) == 1)
            _wake.Set();
        else if (end - _ring.Read > _hurryAt && Volatile.Read(ref _roomWanted) == 0)
            WantRoom();
    }

    public void WantRoom()
    {
        if (Interlocked.Exchange(ref _roomWanted, 1) == 0)
            _wake.Set();
    }

    public void WantDurable(long position)
    {
        Interlocked.Increment(ref _waiting);
        var wanted = Volatile.Read(ref _durableWanted);
        while (wanted < position)
        {
            var seen = Interlocked.CompareExchange(ref _durableWanted, position, wanted);
            if (seen == wanted)
            {
                // Otherwise whoever asked before woke the thread, and it looks once more before it sleeps.
                if (wanted <= Durable)
                    _wake.Set();
                return;
            }
            wanted = seen;
        }
    }

    /// <summary>Writes everything, seals the segment and ends the thread.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Wait();
                Gather();
                Drain(_ring.Reserved);
                DoHousekeeping();
            }
            _closedAt = _ring.Close();
            DrainAll(_closedAt);
            _writer.SealSegment(afterCrash: false);
            if (_ring.Read == _closedAt)
                _ring.Retire();
            _index?.Offer(_writer.Spans.TakeChanged(_writer.Name));
            Volatile.Write(ref _durable, _ring.Read);
        }
        catch (Exception error)
        {
            _fault = $"The recording cannot be written: {error.Message}. Nothing passes until the device takes writes again and the gateway is restarted.";
            if (_closedAt < 0)
                _closedAt = _ring.Close();
        }
        IsQuiet = AwaitCopies(_closedAt);
        _fault ??= "The recorder was stopped.";
        Room.Fire();
        Synced.Fire();
    }

    private void Wait()
    {
        var hasWork = _ring.Reserved != _ring.Read;
        if (IsUrgent)
        {
            if (hasWork && !_ring.IsPublished(_ring.Read))
                _wake.WaitOne(1);
            return;
        }
        if (hasWork)
        {
            _wake.WaitOne(_options.FlushInterval);
            return;
        }
        Interlocked.Exchange(ref _idle, 1);
        if (_ring.Reserved == _ring.Read && !IsUrgent && !_stopping)
            _wake.WaitOne(Housekeeping);
        Interlocked.Exchange(ref _idle, 0);
        // The first record after a pause: gather what follows it, unless somebody waits for it.
        if (_ring.Reserved != _ring.Read && !IsUrgent && !_stopping)
            _wake.WaitOne(_options.FlushInterval);
    }

    /// <summary>
    /// As many as waited for the last flush of the device are likely to come again together, and whoever comes a moment late waits for two.
    /// So they are given a quarter of what a flush takes, and one who writes alone is never made to wait.
    /// </summary>
    private void Gather()
    {
        if (Volatile.Read(ref _durableWanted) <= Volatile.Read(ref _durable))
            return;
        var until = Stopwatch.GetTimestamp() + Math.Clamp(_lastSync / 4, LeastGathering, MostGathering);
        while (Volatile.Read(ref _waiting) < _lastWaiting && Stopwatch.GetTimestamp() < until && Volatile.Read(ref _roomWanted) == 0 && !_stopping)
            Thread.Yield();
    }

    private bool IsUrgent => Volatile.Read(ref _durableWanted) > Volatile.Read(ref _durable) || Volatile.Read(ref _roomWanted) == 1;

    private void Drain(long until)
    {
        var wanted = Volatile.Read(ref _durableWanted);
        var isWaitedFor = wanted > Volatile.Read(ref _durable);
        if (isWaitedFor)
            _lastWaiting = Interlocked.Exchange(ref _waiting, 0);
        while (TakeBlock(until))
        {
            // Whoever waits for room goes on while the rest is written, and not at every block.
            if (_ring.Reserved - _ring.Read <= _ring.Capacity / 2)
                GiveRoom();
        }
        if (isWaitedFor)
        {
            var started = Stopwatch.GetTimestamp();
            _writer.Sync();
            _lastSync = Stopwatch.GetTimestamp() - started;
            Volatile.Write(ref _durable, _ring.Read);
            Synced.Fire();
        }
        GiveRoom();
        if (_writer.Length >= _options.SegmentBytes)
            Roll();
    }

    private void GiveRoom()
    {
        if (Volatile.Read(ref _roomWanted) == 1 && Interlocked.Exchange(ref _roomWanted, 0) == 1)
            Room.Fire();
    }

    /// <summary>One block out of the entries published without a gap; false when there was none.</summary>
    private bool TakeBlock(long until)
    {
        var position = _ring.Read;
        while (position < until && _ring.IsPublished(position) && _writer.HasRoom)
        {
            var bytes = _ring.HeaderOf(position);
            var header = RecordHeader.Read(bytes);
            CopyEntry(_ring, position, bytes, header, _writer.Claim(header));
            position += RecordRing.Footprint(header.Length);
        }
        if (position == _ring.Read)
            return false;
        // The page cache takes bytes faster than the device, for a while: that is for when writers could have to wait.
        _writer.WriteBlock(_ring.Epoch, position, direct: _ring.Reserved - _ring.Read < _ring.Capacity / 2);
        _ring.Release(position);
        return true;
    }

    public static void CopyEntry(RecordRing ring, long position, ReadOnlySpan<byte> header, in RecordHeader record, Span<byte> target)
    {
        ring.PayloadOf(position, record.Length, out var first, out var second);
        header.CopyTo(target);
        first.CopyTo(target[RecordHeader.Size..]);
        second.CopyTo(target[(RecordHeader.Size + first.Length)..]);
    }

    private void Roll()
    {
        _writer.SealSegment(afterCrash: false);
        _index?.Offer(_writer.Spans.TakeChanged(_writer.Name));
        Volatile.Write(ref _durable, _ring.Read);
        // A seal is a flush too: whoever asked meanwhile has nothing left to ask for.
        Synced.Fire();
        _writer.OpenSegment();
    }

    private void DoHousekeeping()
    {
        if (Stopwatch.GetElapsedTime(_lastHousekeeping) < Housekeeping)
            return;
        _lastHousekeeping = Stopwatch.GetTimestamp();
        _writer.LogHeadIfMoved();
        _index?.Offer(_writer.Spans.TakeChanged(_writer.Name));
        _reserve.Recover();
    }

    private void DrainAll(long until)
    {
        var started = Stopwatch.GetTimestamp();
        while (_ring.Read < until && Stopwatch.GetElapsedTime(started) < CopyPatience)
        {
            if (!TakeBlock(until))
                Thread.Yield();
        }
    }

    private bool AwaitCopies(long until)
    {
        var started = Stopwatch.GetTimestamp();
        var position = _ring.Read;
        while (position < until)
        {
            if (_ring.IsPublished(position))
                position += RecordRing.Footprint(RecordHeader.Read(_ring.HeaderOf(position)).Length);
            else if (Stopwatch.GetElapsedTime(started) > CopyPatience)
                return false;
            else
                Thread.Yield();
        }
        return true;
    }
}
