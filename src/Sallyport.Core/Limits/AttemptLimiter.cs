namespace Sallyport.Core;

/// <summary>
/// Slows guessing: each key (a login, a source) may miss a few times at once and then once per refill; while it must wait, none of
/// its attempts is to be looked at, right or wrong. Counts by the monotonic clock. Bounded: past <see cref="MaxKeys"/> the key that
/// missed longest ago is forgotten. Thread-safe.
/// </summary>
public sealed class AttemptLimiter<TKey>
    where TKey : notnull
{
    public const int MaxKeys = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Debt>> _debts;
    private readonly LinkedList<Debt> _oldestFirst = [];
    private readonly TimeProvider _time;
    private readonly long _refill;
    private readonly long _allowed;

    /// <param name="burst">Misses that cost no waiting when there were none lately.</param>
    /// <param name="refill">What one more miss costs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="comparer">How keys are compared.</param>
    public AttemptLimiter(int burst, TimeSpan refill, TimeProvider time, IEqualityComparer<TKey>? comparer = null)
    {
        _debts = new Dictionary<TKey, LinkedListNode<Debt>>(comparer);
        _time = time;
        _refill = (long)(refill.TotalSeconds * time.TimestampFrequency);
        _allowed = (burst - 1) * _refill;
    }

    /// <summary>How long until the key's next attempt may be looked at; zero when it may be now.</summary>
    public TimeSpan WaitFor(TKey key)
    {
        lock (_gate)
        {
            if (!_debts.TryGetValue(key, out var node))
                return TimeSpan.Zero;
            var now = _time.GetTimestamp();
            var ready = node.Value.PaidAt - _allowed;
            return ready > now ? _time.GetElapsedTime(now, ready) : TimeSpan.Zero;
        }
    }

    /// <summary>True when the key must wait from now on.</summary>
    public bool CountMiss(TKey key)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (_debts.TryGetValue(key, out var node))
                _oldestFirst.Remove(node);
            else if (_debts.Count >= MaxKeys)
                Forget(_oldestFirst.First!);
            var paidAt = Math.Max(now, node?.Value.PaidAt ?? now) + _refill;
            _debts[key] = _oldestFirst.AddLast(new Debt(key, paidAt));
            return paidAt - _allowed > now;
        }
    }

    private void Forget(LinkedListNode<Debt> node)
    {
        _oldestFirst.Remove(node);
        _debts.Remove(node.Value.Key);
    }

    /// <summary>A key that missed, and when all its misses will be paid for.</summary>
    private readonly record struct Debt(TKey Key, long PaidAt);
}
