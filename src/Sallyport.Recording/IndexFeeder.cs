using Sallyport.Core;

namespace Sallyport.Recording;

/// <summary>
/// Carries index rows to the store without ever making the flusher wait. Keeps the newest row per session and segment; a store that
/// fails is tried again with the next rows, and the index can be rebuilt from the segments in any case.
/// </summary>
internal sealed class IndexFeeder : IAsyncDisposable
{
    private readonly ISegmentIndexStore _store;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Task _worker;
    private Dictionary<(SessionId, string), SegmentSpan> _pending = [];
    private volatile bool _stopping;

    public IndexFeeder(ISegmentIndexStore store)
    {
        _store = store;
        _worker = RunAsync();
    }

    /// <summary>What the store said when it last failed; null when all is well.</summary>
    public string? Fault { get; private set; }

    public void Offer(List<SegmentSpan> rows)
    {
        if (rows.Count == 0)
            return;
        lock (_gate)
        {
            foreach (var row in rows)
                _pending[(row.Session, row.Segment)] = row;
        }
        _signal.Release();
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _signal.Release();
        await _worker;
        _signal.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _signal.WaitAsync();
            var stopping = _stopping;
            await UpsertAsync();
            if (stopping)
                return;
        }
    }

    private async Task UpsertAsync()
    {
        Dictionary<(SessionId, string), SegmentSpan> taken;
        lock (_gate)
        {
            if (_pending.Count == 0)
                return;
            taken = _pending;
            _pending = [];
        }
        try
        {
            await _store.UpsertAsync([.. taken.Values], CancellationToken.None);
            Fault = null;
        }
        catch (Exception error)
        {
            Fault = error.Message;
            lock (_gate)
            {
                foreach (var (key, row) in taken)
                    _pending.TryAdd(key, row);
            }
        }
    }
}
