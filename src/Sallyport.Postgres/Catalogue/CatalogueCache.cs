using System.Collections.Concurrent;
using System.Net.Sockets;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// The catalogues of the resources, read when first needed, when a command may have changed names, and when they grow old. One
/// reading at a time per resource; sessions share it.
/// </summary>
public sealed class CatalogueCache : IDisposable
{
    // Every session of the resource may wait for a reading: one that never ends must not hold them all.
    private static readonly TimeSpan ReadingDeadline = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<PostgresResource, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly Reading _read;
    private readonly TimeProvider _time;
    private readonly TimeSpan _age;

    public CatalogueCache(UpstreamConnector connector, TimeProvider time, TimeSpan age)
        : this((resource, previous, stop) => ReadAsync(connector, resource, previous, stop), time, age)
    {
    }

    internal CatalogueCache(Reading read, TimeProvider time, TimeSpan age)
    {
        _read = read;
        _time = time;
        _age = age;
    }

    /// <summary>Reads a resource's catalogue, given the one before; null when it cannot be had.</summary>
    internal delegate ValueTask<Catalogue?> Reading(PostgresResource resource, Catalogue? previous, CancellationToken cancellationToken);

    /// <summary>The catalogue as last read; null before the first reading. Reads memory only.</summary>
    public Catalogue? Current(PostgresResource resource) => EntryOf(resource).Current;

    /// <summary>Whether names may have moved since the last reading.</summary>
    public bool IsStale(PostgresResource resource)
    {
        var entry = EntryOf(resource);
        return entry.Read != entry.Moved || entry.Current is null || _time.GetElapsedTime(entry.ReadAt) > _age;
    }

    /// <summary>Says that a command which may change names went upstream.</summary>
    public void MarkMoved(PostgresResource resource) => Interlocked.Increment(ref EntryOf(resource).Moved);

    /// <summary>The catalogue, read anew when stale. Null when the upstream would not give it: what depends on it must not pass.</summary>
    public async ValueTask<Catalogue?> RefreshAsync(PostgresResource resource, CancellationToken cancellationToken)
    {
        var entry = EntryOf(resource);
        var failures = Volatile.Read(ref entry.Failures);
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            if (!IsStale(resource))
                return entry.Current;
            // A reading that failed meanwhile answers all who waited for it: one after the other they would wait for hours.
            if (entry.Failures != failures)
                return null;
            var moved = Volatile.Read(ref entry.Moved);
            if (await ReadInTimeAsync(resource, entry.Current, cancellationToken) is not { } read)
            {
                Volatile.Write(ref entry.Failures, failures + 1);
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

    private static async ValueTask<Catalogue?> ReadAsync(UpstreamConnector connector, PostgresResource resource, Catalogue? previous, CancellationToken cancellationToken)
    {
        var (fault, connection) = await connector.ConnectAsync(
            resource, [new("application_name", "sallyport:catalogue"), new("client_encoding", "UTF8"), new("default_transaction_read_only", "on")], cancellationToken);
        if (fault != UpstreamFault.None)
            return null;
        await using (connection)
            return await CatalogueReader.ReadAsync(connection!, previous, cancellationToken);
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values)
            entry.Dispose();
    }

    private Entry EntryOf(PostgresResource resource) => _entries.GetOrAdd(resource, static _ => new Entry());

    private sealed class Entry : IDisposable
    {
        public readonly SemaphoreSlim Gate = new(1, 1);
        public volatile Catalogue? Current;
        public long Moved;
        public long Read = -1;
        public long ReadAt;
        public long Failures;

        public void Dispose() => Gate.Dispose();
    }
}
