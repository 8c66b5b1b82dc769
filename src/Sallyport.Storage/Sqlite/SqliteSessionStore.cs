using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>Rows of <c>sessions</c>. Ids sort by time, so newest first is by id.</summary>
internal sealed class SqliteSessionStore(SqliteAccess access) : ISessionStore
{
    public async ValueTask OpenedAsync(StoredSession session, CancellationToken cancellationToken) => await access.WriteOneAsync(
        (connection, transaction) => connection.Execute(transaction,
            """
            INSERT INTO sessions VALUES ($id, $principal, $behalf, $resource, $protocol, $client, $opened, $ended, $end)
            ON CONFLICT (id) DO UPDATE SET principal = excluded.principal, on_behalf_of = excluded.on_behalf_of,
                resource = excluded.resource, protocol = excluded.protocol, client = excluded.client,
                opened_at = excluded.opened_at, ended_at = excluded.ended_at, end = excluded.end
            """,
            ("$id", session.Id.ToString()), ("$principal", session.Principal), ("$behalf", session.OnBehalfOf),
            ("$resource", session.Resource), ("$protocol", session.Protocol), ("$client", session.Client), ("$opened",
                SqliteText.Of(session.OpenedAt)),
            ("$ended", session.EndedAt is { } at ? SqliteText.Of(at) : null), ("$end", session.End)),
        cancellationToken);

    public async ValueTask EndedAsync(SessionId id, DateTimeOffset at, string end, CancellationToken cancellationToken) =>
        await access.WriteAsync(
            (connection, transaction) => connection.Execute(transaction,
                "UPDATE sessions SET ended_at = $at, end = $end WHERE id = $id AND ended_at IS NULL",
                ("$id", id.ToString()), ("$at", SqliteText.Of(at)), ("$end", end)),
            cancellationToken);

    public ValueTask<IReadOnlyList<StoredSession>> ListAsync(string? principal, string? resource, bool liveOnly, int limit,
        CancellationToken cancellationToken)
    {
        // One text per combination, so that each finds its index.
        var conditions = new List<string>();
        if (principal is not null)
            conditions.Add("principal = $principal");
        if (resource is not null)
            conditions.Add("resource = $resource");
        if (liveOnly)
            conditions.Add("ended_at IS NULL");
        var where = conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);
        return access.ReadAsync($"SELECT * FROM sessions {where} ORDER BY id DESC LIMIT $limit", Read, cancellationToken,
            ("$principal", principal), ("$resource", resource), ("$limit", limit));
    }

    public async ValueTask<StoredSession?> FindAsync(SessionId id, CancellationToken cancellationToken) =>
        await access.ReadAsync("SELECT * FROM sessions WHERE id = $id", Read, cancellationToken, ("$id", id.ToString())) is [var only]
            ? only
            : null;

    public async ValueTask<IReadOnlyList<StoredSession>> EndOrphansAsync(DateTimeOffset at, string end,
        CancellationToken cancellationToken) =>
        await access.WriteAsync<IReadOnlyList<StoredSession>>(
            (connection, transaction) => connection.Query(transaction,
                "UPDATE sessions SET ended_at = $at, end = $end WHERE ended_at IS NULL RETURNING *", Read,
                ("$at", SqliteText.Of(at)), ("$end", end)),
            cancellationToken);

    private static StoredSession Read(SqliteDataReader row) => new()
    {
        Id = row.Session(0),
        Principal = row.GetString(1),
        OnBehalfOf = row.TextOrNull(2),
        Resource = row.GetString(3),
        Protocol = row.GetString(4),
        Client = row.GetString(5),
        OpenedAt = row.Time(6),
        EndedAt = row.TimeOrNull(7),
        End = row.TextOrNull(8),
    };
}
