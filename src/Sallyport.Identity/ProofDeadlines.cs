using System.Collections.Concurrent;

namespace Sallyport.Identity;

/// <summary>
/// When each proof in use ends, by both clocks: the wall's, which may jump, and the monotonic one, counted from when the proof
/// was first met. A proof lives while both say so; setting the clock back extends nothing. Thread-safe; reading allocates nothing.
/// </summary>
internal sealed class ProofDeadlines
{
    private readonly ConcurrentDictionary<string, Deadline> _deadlines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Deadline>.AlternateLookup<ReadOnlySpan<char>> _byId;
    private readonly TimeProvider _time;

    public ProofDeadlines(TimeProvider time)
    {
        _time = time;
        _byId = _deadlines.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _deadlines.Count;

    /// <summary>Starts the count for a proof that is not known yet; one that is known keeps its own.</summary>
    public void Track(string id, DateTimeOffset expiresAt)
    {
        if (_deadlines.ContainsKey(id))
            return;
        var left = Math.Max(0, (expiresAt - _time.GetUtcNow()).TotalSeconds);
        var ticks = Math.Min(left * _time.TimestampFrequency, long.MaxValue / 4);
        _deadlines.TryAdd(id, new Deadline(expiresAt, _time.GetTimestamp() + (long)ticks));
    }

    /// <summary>False for a proof that was never tracked.</summary>
    public bool IsLive(ReadOnlySpan<char> id) =>
        _byId.TryGetValue(id, out var deadline) && _time.GetTimestamp() < deadline.Timestamp && _time.GetUtcNow() < deadline.At;

    /// <summary>Forgets what both clocks say is over: by one alone, a jump of the wall's clock could bring a proof back.</summary>
    public void Prune()
    {
        var now = _time.GetUtcNow();
        var timestamp = _time.GetTimestamp();
        foreach (var (id, deadline) in _deadlines)
        {
            if (timestamp >= deadline.Timestamp && now >= deadline.At)
                _deadlines.TryRemove(id, out _);
        }
    }

    private readonly record struct Deadline(DateTimeOffset At, long Timestamp);
}
