using System.Collections.Concurrent;
using System.Net.Sockets;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Catalogue;

/// <summary>What a command does to what a catalogue shows.</summary>
public enum CatalogueChange : byte
{
    None,

    /// <summary>It could not be read to its end: it may change anything, and seldom does.</summary>
    Possible,
    Known,
}

/// <summary>
/// A resource's catalogue and how fresh it was at one moment. The counts only grow: two equal moments had nothing between them.
/// </summary>
/// <param name="Current">The last reading, or null.</param>
/// <param name="Moved">Counts the commands that changed, or may have changed, what the database has.</param>
/// <param name="KnownChange">The last of them of which that is known.</param>
/// <param name="Read">How many of them the last reading shows.</param>
/// <param name="ReadAt">When that was, as a timestamp.</param>
/// <param name="IsOld">It was too long ago.</param>
internal readonly record struct CatalogueMoment(Catalogue? Current, long Moved, long KnownChange, long Read, long ReadAt, bool IsOld)
{
    public bool IsSame(in CatalogueMoment other) =>
        ReferenceEquals(Current, other.Current) && Moved == other.Moved && KnownChange == other.KnownChange && Read == other.Read &&
        ReadAt == other.ReadAt && IsOld == other.IsOld;
}

/// <summary>
/// The catalogues of the resources, read when first needed, when a command may have changed names, and when they grow old. One
/// reading at a time per resource; sessions share it, and they share the news that it cannot be had.
/// </summary>
public sealed class CatalogueCache : IDisposable
{
    // Every session of the resource may wait for a reading: one that never ends must not hold them all.
    private static readonly TimeSpan ReadingDeadline = TimeSpan.FromSeconds(8);

    // Between two readings while they fail.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<PostgresResource, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly Reading _read;
    private readonly TimeProvider _time;
    private readonly TimeSpan _age;
    private readonly long _ageInTimestamps;
    private readonly CatalogueConnections? _connections;
    private readonly ITimer? _closing;

    public CatalogueCache(UpstreamConnector connector, TimeProvider time, TimeSpan age)
        : this(new CatalogueConnections(connector, time), time, age)
    {
    }

    private CatalogueCache(CatalogueConnections connections, TimeProvider time, TimeSpan age)
        : this(connections.ReadAsync, time, age)
    {
        _connections = connections;
        _closing = time.CreateTimer(static c => ((CatalogueCache)c!).CloseIdle(), this, age, age);
    }

    internal CatalogueCache(Reading read, TimeProvider time, TimeSpan age)
    {
        _read = read;
        _time = time;
        _age = age;
        _ageInTimestamps = (long)(age.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>Reads a resource's catalogue, given the one before; null when it cannot be had.</summary>
    internal delegate ValueTask<Catalogue?> Reading(PostgresResource resource, Catalogue? previous, CancellationToken cancellationToken);

    /// <summary>The catalogue as last read; null before the first reading. Reads memory only.</summary>
    public Catalogue? Current(PostgresResource resource) => EntryOf(resource).Current;

    /// <summary>Whether names may have moved since the last reading.</summary>
    public bool IsStale(PostgresResource resource)
    {
        var entry = EntryOf(resource);
        return entry.Read != entry.Moved || entry.Current is null || IsOld(entry.ReadAt);
    }

    /// <summary>Whether changes are known of that no reading shows yet.</summary>
    public bool HasKnownChanges(PostgresResource resource)
    {
        var entry = EntryOf(resource);
        return entry.Current is null || Volatile.Read(ref entry.KnownChange) > Volatile.Read(ref entry.Read);
    }

    /// <summary>All that the three above go by, in one look.</summary>
    internal CatalogueMoment Look(PostgresResource resource)
    {
        var entry = EntryOf(resource);
        var readAt = Volatile.Read(ref entry.ReadAt);
        return new CatalogueMoment(
            entry.Current, Volatile.Read(ref entry.Moved), Volatile.Read(ref entry.KnownChange), Volatile.Read(ref entry.Read), readAt, IsOld(readAt));
    }

    /// <summary>Says that a command which changes what the database has, or may, went upstream.</summary>
    public void Mark(PostgresResource resource, CatalogueChange change)
    {
        if (change == CatalogueChange.None)
            return;
        var entry = EntryOf(resource);
        var moved = Interlocked.Increment(ref entry.Moved);
        var known = Volatile.Read(ref entry.KnownChange);
        while (change == CatalogueChange.Known && known < moved)
            known = Interlocked.CompareExchange(ref entry.KnownChange, moved, known);
    }

    /// <summary>The catalogue, read anew when stale. Null when the upstream would not give it: what depends on it must not pass.</summary>
    public async ValueTask<Catalogue?> RefreshAsync(PostgresResource resource, CancellationToken cancellationToken)
    {
        var entry = EntryOf(resource);
        var failures = Volatile.Read(ref entry.Failures);
        // While it cannot be had, one session tries and no other waits for it.
        if (!await entry.Gate.WaitAsync(entry.HasFailed ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, cancellationToken))
            return null;
        try
        {
            if (!IsStale(resource))
                return entry.Current;
            // Who waited for a reading that failed does not wait for another.
            if (entry.HasFailed && (entry.Failures != failures || _time.GetElapsedTime(entry.FailedAt) < Pause))
                return null;
            var moved = Volatile.Read(ref entry.Moved);
            var outcome = await ReadInTimeAsync(resource, entry.Current, cancellationToken);
            entry.HasFailed = outcome is null;
            if (outcome is not { } read)
            {
                entry.FailedAt = _time.GetTimestamp();
                entry.Failures++;
                return null;
            }
            entry.Current = read;
            entry.ReadAt = _time.GetTimestamp();
            entry.Read = moved;
            return read;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private async ValueTask<Catalogue?> ReadInTimeAsync(PostgresResource resource, Catalogue? previous, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(ReadingDeadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            return await _read(resource, previous, both.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException or ObjectDisposedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private void CloseIdle()
    {
        foreach (var (resource, entry) in _entries)
        {
            if (_time.GetElapsedTime(entry.ReadAt) > 2 * _age)
                _connections!.Close(resource);
        }
    }

    public void Dispose()
    {
        _closing?.Dispose();
        _connections?.Dispose();
        foreach (var entry in _entries.Values)
            entry.Dispose();
    }

    private bool IsOld(long readAt) => _time.GetTimestamp() - readAt > _ageInTimestamps;

    private Entry EntryOf(PostgresResource resource) => _entries.GetOrAdd(resource, static _ => new Entry());

    private sealed class Entry : IDisposable
    {
        public readonly SemaphoreSlim Gate = new(1, 1);
        public volatile Catalogue? Current;
        public long Moved;
        public long KnownChange;
        public long Read = -1;
        public long ReadAt;
        public volatile bool HasFailed;
        public long FailedAt;
        public int Failures;

        public void Dispose() => Gate.Dispose();
    }
}
