using Microsoft.Data.Sqlite;
using Sallyport.Core;
using Sallyport.Shared;

namespace Sallyport.Storage;

/// <summary>
/// All of one gateway's state in one SQLite file (WAL, synchronous=FULL): secrets, sessions, holds, the segments index. One
/// process may have it open for writing; any number may read beside it.
/// </summary>
public sealed class SqliteStore : IAsyncDisposable
{
    private readonly SqliteWriter? _writer;
    private readonly StoreLock? _lock;
    private readonly string _readString;

    private SqliteStore(string path, SqliteWriter? writer, StoreLock? storeLock)
    {
        _writer = writer;
        _lock = storeLock;
        _readString = ConnectionString(path, SqliteOpenMode.ReadOnly, pooling: true);
        var access = new SqliteAccess(writer, _readString);
        Secrets = new SqliteSecretStore(access);
        Sessions = new SqliteSessionStore(access);
        Holds = new SqliteHoldStore(access);
        Segments = new SqliteSegmentIndexStore(access);
    }

    public ISecretStore Secrets { get; }

    public ISessionStore Sessions { get; }

    public IHoldStore Holds { get; }

    public ISegmentIndexStore Segments { get; }

    /// <summary>Why the last change could not be kept, or null; for readiness.</summary>
    public string? Fault => _writer?.Fault;

    /// <summary>
    /// Opens for writing: makes the file (0600) and its folder (0700) when they are not there, brings the schema up to date.
    /// Blocks while it checks the file; called once, at start.
    /// </summary>
    public static StoreOpenResult Open(string path, TimeProvider time)
    {
        path = Path.GetFullPath(path);
        StoreLock? storeLock = null;
        SqliteConnection? connection = null;
        try
        {
            PrivateFiles.MakeFolder(Path.GetDirectoryName(path) ?? path);
            storeLock = StoreLock.TryTake(path, out var owner);
            if (storeLock is null)
                return new(StoreOpenOutcome.Locked, null, $"the state {path} is locked by {owner}: another gateway runs on it");
            PrivateFiles.Ensure(path);
            connection = new SqliteConnection(ConnectionString(path, SqliteOpenMode.ReadWrite, pooling: false));
            connection.Open();
            connection.Execute(null, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
            if (Inspect(connection, path) is { } refusal)
                return refusal;
            SchemaMigrations.Apply(connection, time);
            var store = new SqliteStore(path, new SqliteWriter(connection), storeLock);
            (connection, storeLock) = (null, null);
            return new(StoreOpenOutcome.Opened, store, null);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Refuse(path, e);
        }
        finally
        {
            connection?.Dispose();
            storeLock?.Dispose();
        }
    }

    /// <summary>Opens for reading only, beside a running gateway or without one. Changes throw <see cref="StoreException"/>.</summary>
    public static StoreOpenResult OpenReadOnly(string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
            return new(StoreOpenOutcome.Missing, null, $"there is no state at {path}: no gateway has run here yet");
        try
        {
            using var connection = new SqliteConnection(ConnectionString(path, SqliteOpenMode.ReadOnly, pooling: false));
            connection.Open();
            if (SchemaMigrations.VersionOf(connection) is var version && version > SchemaMigrations.Newest)
                return Newer(path, version);
            return version == 0
                ? new(StoreOpenOutcome.Missing, null, $"{path} holds no state: no gateway has run here yet")
                : new(StoreOpenOutcome.Opened, new SqliteStore(path, null, null), null);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Refuse(path, e);
        }
    }

    /// <summary>Commits what is queued, closes the file, frees the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
            await _writer.DisposeAsync();
        using (var pooled = new SqliteConnection(_readString))
            SqliteConnection.ClearPool(pooled);
        _lock?.Dispose();
    }

    private static StoreOpenResult? Inspect(SqliteConnection connection, string path)
    {
        var findings = connection.Query(null, "PRAGMA quick_check(1)", static row => row.GetString(0));
        if (findings is not ["ok"])
            return new(StoreOpenOutcome.Corrupted, null, $"the state {path} is damaged: {string.Join("; ", findings)}");
        var version = SchemaMigrations.VersionOf(connection);
        return version > SchemaMigrations.Newest ? Newer(path, version) : null;
    }

    private static StoreOpenResult Newer(string path, int version) => new(StoreOpenOutcome.NewerSchema, null,
        $"the state {path} has schema {version}; this gateway knows {SchemaMigrations.Newest}: run the version that wrote it");

    private static StoreOpenResult Refuse(string path, Exception exception)
    {
        const int NoSpaceLeft = 28;
        var outcome = exception switch
        {
            SqliteException sqlite => SqliteFaults.OpenOutcomeOf(SqliteFaults.Of(sqlite)),
            IOException { HResult: NoSpaceLeft } => StoreOpenOutcome.DiskFull,
            _ => StoreOpenOutcome.NotWritable,
        };
        return new(outcome, null, $"the state {path} cannot be opened ({outcome}): {exception.Message}");
    }

    private static string ConnectionString(string path, SqliteOpenMode mode, bool pooling) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = pooling, DefaultTimeout = 5 }.ToString();
}
