using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>Rows of <c>secrets</c>.</summary>
internal sealed class SqliteSecretStore(SqliteAccess access) : ISecretStore
{
    public async ValueTask AddAsync(StoredSecret secret, CancellationToken cancellationToken)
    {
        var scope = JsonSerializer.Serialize([.. secret.Scope], StorageJson.Default.StringArray);
        await access.WriteOneAsync(
            (connection, transaction) => connection.Execute(transaction,
                "INSERT INTO secrets VALUES ($id, $login, $salt, $iterations, $stored, $server, $scope, $issued, $expires, $revoked, $once, $spent)",
                ("$id", secret.Id), ("$login", secret.Login), ("$salt", secret.Salt), ("$iterations", secret.Iterations),
                ("$stored", secret.StoredKey), ("$server", secret.ServerKey), ("$scope", scope),
                ("$issued", SqliteText.Of(secret.IssuedAt)), ("$expires", SqliteText.Of(secret.ExpiresAt)), ("$revoked",
                    secret.RevokedAt is { } at ? SqliteText.Of(at) : null),
                ("$once", secret.IsOneTime ? 1 : 0), ("$spent", secret.SpentAt is { } spent ? SqliteText.Of(spent) : null)),
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<StoredSecret>> ListLiveAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        access.ReadAsync("SELECT * FROM secrets WHERE revoked_at IS NULL AND expires_at > $now ORDER BY issued_at DESC, id", Read,
            cancellationToken, ("$now", SqliteText.Of(now)));

    public ValueTask<bool> RevokeAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) => access.WriteAsync(
        (connection, transaction) => connection.Execute(transaction,
            "UPDATE secrets SET revoked_at = $at WHERE id = $id AND revoked_at IS NULL AND expires_at > $at",
            ("$id", id), ("$at", SqliteText.Of(at))) == 1,
        cancellationToken);

    public ValueTask<bool> TrySpendAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) => access.WriteAsync(
        (connection, transaction) => connection.Execute(transaction,
            "UPDATE secrets SET spent_at = $at WHERE id = $id AND one_time = 1 AND spent_at IS NULL AND revoked_at IS NULL AND expires_at > $at",
            ("$id", id), ("$at", SqliteText.Of(at))) == 1,
        cancellationToken);

    private static StoredSecret Read(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Login = row.GetString(1),
        Salt = row.GetFieldValue<byte[]>(2),
        Iterations = row.GetInt32(3),
        StoredKey = row.GetFieldValue<byte[]>(4),
        ServerKey = row.GetFieldValue<byte[]>(5),
        Scope = StorageJson.Read(row.GetString(6), StorageJson.Default.StringArray),
        IssuedAt = row.Time(7),
        ExpiresAt = row.Time(8),
        RevokedAt = row.TimeOrNull(9),
        IsOneTime = row.GetInt32(10) == 1,
        SpentAt = row.TimeOrNull(11),
    };
}
