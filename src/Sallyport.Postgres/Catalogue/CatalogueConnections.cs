using System.Collections.Concurrent;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// The gateway's own connections, one to each resource whose catalogue was read lately. Each serves one reading at a time; one that
/// broke is made anew, one that nobody needs is closed, so that it does not stand in the way of whoever drops the database.
/// </summary>
internal sealed class CatalogueConnections : IDisposable
{
    // Most of the deadline of a reading is left for a connection made anew, should something on the way have forgotten the kept one.
    private static readonly TimeSpan KeptDeadline = TimeSpan.FromSeconds(3);

    // The first: nothing in the database may come between these questions and what they mean.
    private static readonly KeyValuePair<string, string>[] Parameters =
    [
        new("search_path", "pg_catalog"), new("application_name", "sallyport:catalogue"), new("client_encoding", "UTF8"),
        new("default_transaction_read_only", "on"),
    ];

    private readonly ConcurrentDictionary<PostgresResource, UpstreamConnection> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly UpstreamConnector _connector;
    private readonly TimeProvider _time;

    public CatalogueConnections(UpstreamConnector connector, TimeProvider time)
    {
        _connector = connector;
        _time = time;
    }

    /// <summary>Reads a catalogue; the very one before when nothing changed, and null when it cannot be had.</summary>
    public async ValueTask<Catalogue?> ReadAsync(PostgresResource resource, Catalogue? previous, CancellationToken cancellationToken)
    {
        if (_kept.TryRemove(resource, out var kept) && await TryKeptAsync(resource, kept, previous, cancellationToken) is { } read)
            return read;
        var (fault, connection) = await _connector.ConnectAsync(resource, Parameters, null, cancellationToken);
        return fault == UpstreamFault.None ? await ReadAsync(resource, connection!, previous, cancellationToken) : null;
    }

    /// <summary>Closes the connection to a resource, if there is one that is not in use.</summary>
    public void Close(PostgresResource resource)
    {
        if (_kept.TryRemove(resource, out var kept))
            _ = kept.DisposeAsync().AsTask();
    }

    public void Dispose()
    {
        foreach (var kept in _kept.Values)
            kept.Shutdown();
    }

    private async ValueTask<Catalogue?> TryKeptAsync(
        PostgresResource resource, UpstreamConnection kept, Catalogue? previous, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(KeptDeadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            return await ReadAsync(resource, kept, previous, both.Token);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Keeps the connection only when it answered to the end.</summary>
    private async ValueTask<Catalogue?> ReadAsync(
        PostgresResource resource, UpstreamConnection connection, Catalogue? previous, CancellationToken cancellationToken)
    {
        Catalogue? read = null;
        try
        {
            using var queries = new CatalogueQueries(connection);
            read = await CatalogueReader.ReadAsync(queries, resource.Trust, previous, cancellationToken);
        }
        finally
        {
            if (read is null || !_kept.TryAdd(resource, connection))
                await connection.DisposeAsync();
        }
        return read;
    }
}
