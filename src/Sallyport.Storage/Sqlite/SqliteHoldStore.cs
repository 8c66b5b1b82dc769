using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>Rows of <c>holds</c>: the hold whole as JSON, with columns beside it for what lists filter by.</summary>
internal sealed class SqliteHoldStore(SqliteAccess access) : IHoldStore
{
    private const string Columns = "hold, state, decided_by, reason, modified_text, ended_at";

    public async ValueTask AddAsync(Hold hold, CancellationToken cancellationToken) => await access.WriteOneAsync(
        (connection, transaction) => connection.Execute(transaction,
            "INSERT INTO holds VALUES ($id, 'Waiting', $asked, $principal, $resource, $session, $hold, '[]', NULL, NULL, NULL)",
            ("$id", hold.Id), ("$asked", SqliteText.Of(hold.AskedAt)), ("$principal", hold.Principal.Name), ("$resource", hold.Resource),
            ("$session", hold.Session.ToString()), ("$hold", JsonSerializer.Serialize(hold, StorageJson.Default.Hold))),
        cancellationToken);

    public async ValueTask UpdateAsync(StoredHold hold, CancellationToken cancellationToken) => await access.WriteOneAsync(
        (connection, transaction) => connection.Execute(transaction,
            """
            UPDATE holds SET state = $state, hold = $hold, decided_by = $by, reason = $reason, modified_text = $text, ended_at = $ended
            WHERE id = $id
            """,
            ("$id", hold.Hold.Id), ("$state", hold.State.ToString()),
            ("$hold", JsonSerializer.Serialize(hold.Hold, StorageJson.Default.Hold)),
            ("$by", JsonSerializer.Serialize([.. hold.DecidedBy], StorageJson.Default.StringArray)), ("$reason", hold.Reason),
            ("$text", hold.ModifiedText), ("$ended", hold.EndedAt is { } at ? SqliteText.Of(at) : null)),
        cancellationToken);

    public async ValueTask<StoredHold?> FindAsync(string id, CancellationToken cancellationToken) =>
        await access.ReadAsync($"SELECT {Columns} FROM holds WHERE id = $id", Read, cancellationToken, ("$id", id)) is [var only]
            ? only
            : null;

    public ValueTask<IReadOnlyList<StoredHold>> ListAsync(HoldState? state, int limit, CancellationToken cancellationToken)
    {
        var where = state is null ? "" : "WHERE state = $state";
        return access.ReadAsync($"SELECT {Columns} FROM holds {where} ORDER BY asked_at DESC, id DESC LIMIT $limit", Read,
            cancellationToken, ("$state", state?.ToString()), ("$limit", limit));
    }

    private static StoredHold Read(SqliteDataReader row) => new(
        StorageJson.Read(row.GetString(0), StorageJson.Default.Hold),
        Enum.TryParse<HoldState>(row.GetString(1), out var state)
            ? state
            : throw new StoreException(StoreFault.Corrupted, "a hold has no known state"),
        StorageJson.Read(row.GetString(2), StorageJson.Default.StringArray),
        row.TextOrNull(3),
        row.TextOrNull(4),
        row.TimeOrNull(5));
}
