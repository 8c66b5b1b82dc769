using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sallyport.Postgres.Session;

/// <summary>
/// The gateway's own cancel keys. A key reaches only the session it was given to; the server's key is never shown. Guessing is
/// slowed per source: after <see cref="MaxMisses"/> wrong keys in a minute a source is not heard for the rest of it.
/// </summary>
public sealed class CancelRegistry
{
    public const int MaxMisses = 10;

    private readonly ConcurrentDictionary<int, Entry> _entries = new();
    private readonly ConcurrentDictionary<string, Misses> _misses = new();
    private readonly TimeProvider _time;

    public CancelRegistry(TimeProvider time) => _time = time;

    /// <summary>A process id that no live session has, with a random key of <paramref name="keyLength"/> bytes.</summary>
    public (int ProcessId, byte[] Key) Register(int keyLength, Action cancel)
    {
        var key = RandomNumberGenerator.GetBytes(keyLength);
        while (true)
        {
            var id = RandomNumberGenerator.GetInt32(1, int.MaxValue);
            if (_entries.TryAdd(id, new Entry(key, cancel)))
                return (id, key);
        }
    }

    public void Remove(int processId) => _entries.TryRemove(processId, out _);

    /// <summary>Cancels the session that has this key; false when there is none or the source has missed too often.</summary>
    public bool TryCancel(int processId, ReadOnlySpan<byte> key, string source)
    {
        var minute = _time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute;
        if (_misses.TryGetValue(source, out var misses) && misses.Minute == minute && misses.Count >= MaxMisses)
            return false;
        if (_entries.TryGetValue(processId, out var entry) && CryptographicOperations.FixedTimeEquals(entry.Key, key))
        {
            entry.Cancel();
            return true;
        }
        if (_misses.Count > 4096)
            _misses.Clear();
        _misses.AddOrUpdate(source, new Misses(minute, 1), (_, old) => old.Minute == minute ? old with { Count = old.Count + 1 } : new Misses(minute, 1));
        return false;
    }

    private sealed record Entry(byte[] Key, Action Cancel);

    private sealed record Misses(long Minute, int Count);
}
