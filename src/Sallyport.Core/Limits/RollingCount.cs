namespace Sallyport.Core;

/// <summary>
/// How many in the last span of time, by the monotonic clock. In steps of a fifteenth of the span: what was counted stays for the whole
/// span and at most one step longer, so no span ever holds more than was allowed. Lock-free; nothing is allocated to count.
/// </summary>
public sealed class RollingCount
{
    private const int Slots = 16;

    // Each: the step in the upper half, what was counted in it in the lower.
    private readonly long[] _slots = new long[Slots];
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly long _step;

    /// <param name="span">How long what is counted stays; null is for ever.</param>
    /// <param name="time">The clock.</param>
    /// <param name="carried">What was counted already, as if now.</param>
    public RollingCount(TimeSpan? span, TimeProvider time, long carried = 0)
    {
        Span = span;
        _time = time;
        _origin = time.GetTimestamp();
        _step = span is { } limited
            ? Math.Max(1, (long)Math.Ceiling(limited.TotalSeconds * time.TimestampFrequency / (Slots - 1)))
            : long.MaxValue;
        Add(carried);
    }

    public TimeSpan? Span { get; }

    private uint Now => (uint)((_time.GetTimestamp() - _origin) / _step);

    /// <summary>Counts, and says how many there are with these. A negative count takes back what was counted just now.</summary>
    public long Add(long count)
    {
        var now = Now;
        ref var slot = ref _slots[now % Slots];
        while (true)
        {
            var old = Volatile.Read(ref slot);
            // A thread that was late finds a later step in its place, and counts there.
            var isHere = (uint)(old >> 32) >= now;
            var (step, before) = isHere ? ((uint)(old >> 32), (uint)old) : (now, 0u);
            var after = (uint)Math.Clamp(before + count, 0, uint.MaxValue);
            if (Interlocked.CompareExchange(ref slot, ((long)step << 32) | after, old) == old)
                return SumAt(now);
        }
    }

    /// <summary>How many there are now.</summary>
    public long Sum => SumAt(Now);

    /// <summary>After how long there are fewer than <paramref name="limit"/>; null is never, for what is counted for ever.</summary>
    public TimeSpan? UntilBelow(long limit)
    {
        var now = Now;
        var sum = SumAt(now);
        if (sum < limit)
            return TimeSpan.Zero;
        if (Span is null)
            return null;
        for (var step = now < Slots ? 0u : now - Slots + 1; step <= now; step++)
        {
            var slot = Volatile.Read(ref _slots[step % Slots]);
            sum -= (uint)(slot >> 32) == step ? (uint)slot : 0;
            if (sum < limit)
                return _time.GetElapsedTime(_time.GetTimestamp(), _origin + ((step + Slots) * _step));
        }
        return Span;
    }

    private long SumAt(uint now)
    {
        var sum = 0L;
        foreach (ref readonly var place in _slots.AsSpan())
        {
            var slot = Volatile.Read(in place);
            var step = (uint)(slot >> 32);
            if (step + Slots > now)
                sum += (uint)slot;
        }
        return sum;
    }
}
