using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>
/// How the stores reach the file: changes through the writer, reads through pooled connections that never wait for it (WAL).
/// Reads run on the caller's thread; they are short and served from the page cache.
/// </summary>
internal sealed class SqliteAccess
{
    private readonly SqliteWriter? _writer;
    private readonly string _readString;

    /// <param name="writer">Null for reading only.</param>
    /// <param name="readString">The connection string for reads.</param>
    public SqliteAccess(SqliteWriter? writer, string readString)
    {
        _writer = writer;
        _readString = readString;
    }

    public ValueTask<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> change, CancellationToken cancellationToken) =>
        _writer is { } writer
            ? writer.WriteAsync(change, cancellationToken)
            : throw new StoreException(StoreFault.NotWritable, "the store was opened for reading only");

    /// <summary>A change that must meet exactly one row.</summary>
    public async ValueTask WriteOneAsync(Func<SqliteConnection, SqliteTransaction, int> change, CancellationToken cancellationToken) =>
        await WriteAsync(
            (connection, transaction) => change(connection, transaction) == 1
                ? true
                : throw new StoreException(StoreFault.Conflict, "no such row to change"),
            cancellationToken);

    public ValueTask<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<SqliteDataReader, T> read, CancellationToken cancellationToken,
        params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var connection = new SqliteConnection(_readString);
            connection.Open();
            return new(connection.Query(null, sql, read, parameters));
        }
        catch (SqliteException e)
        {
            throw SqliteFaults.Wrap(e);
        }
    }
}
