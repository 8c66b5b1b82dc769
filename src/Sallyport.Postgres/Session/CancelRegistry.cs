using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sallyport.Core;

namespace Sallyport.Postgres.Session;

/// <summary>What a cancel key cancels.</summary>
public interface ICancellable
{
    void Cancel();
}

/// <summary>
/// The gateway's own cancel keys. A key reaches only the session it was given to; the server's key is never shown. Guessing is
/// slowed per source: after <see cref="MaxMisses"/> wrong keys a source is heard once in <see cref="Refill"/>.
/// </summary>
public sealed class CancelRegistry
{
    public const int MaxMisses = 10;
    public static readonly TimeSpan Refill = TimeSpan.FromSeconds(6);

    private readonly ConcurrentDictionary<int, Entry> _entries = new();
    private readonly AttemptLimiter<ClientSource> _misses;

    public CancelRegistry(TimeProvider time) => _misses = new AttemptLimiter<ClientSource>(MaxMisses, Refill, time);

    /// <summary>A process id that no live session has, with a random key of <paramref name="keyLength"/> bytes.</summary>
    public (int ProcessId, byte[] Key) Register(int keyLength, ICancellable session)
    {
        var key = RandomNumberGenerator.GetBytes(keyLength);
        while (true)
        {
            var id = RandomNumberGenerator.GetInt32(1, int.MaxValue);
            if (_entries.TryAdd(id, new Entry(key, session)))
                return (id, key);
        }
    }

    public void Remove(int processId) => _entries.TryRemove(processId, out _);

    /// <summary>Cancels the session that has this key; false when there is none or the source has missed too often.</summary>
    public bool TryCancel(int processId, ReadOnlySpan<byte> key, ClientSource source)
    {
        if (_misses.WaitFor(source) > TimeSpan.Zero)
            return false;
        if (_entries.TryGetValue(processId, out var entry) && CryptographicOperations.FixedTimeEquals(entry.Key, key))
        {
            entry.Session.Cancel();
            return true;
        }
        _misses.CountMiss(source);
        return false;
    }

    private sealed record Entry(byte[] Key, ICancellable Session);
}
