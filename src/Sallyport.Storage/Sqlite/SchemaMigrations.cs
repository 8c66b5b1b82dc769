using Microsoft.Data.Sqlite;

namespace Sallyport.Storage;

/// <summary>
/// The schema's versions, each applied once in one transaction and noted in <c>migrations</c>. A version that was released is
/// never edited: a change is a new one. There are no foreign keys: each index can be rebuilt alone and in any order.
/// </summary>
internal static class SchemaMigrations
{
    private static readonly string[] Versions =
    [
        """
        CREATE TABLE secrets (
            id TEXT PRIMARY KEY, login TEXT NOT NULL, salt BLOB NOT NULL, iterations INTEGER NOT NULL,
            stored_key BLOB NOT NULL, server_key BLOB NOT NULL, scope TEXT NOT NULL,
            issued_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT) WITHOUT ROWID;
        CREATE INDEX secrets_live ON secrets (expires_at) WHERE revoked_at IS NULL;

        CREATE TABLE sessions (
            id TEXT PRIMARY KEY, principal TEXT NOT NULL COLLATE NOCASE, on_behalf_of TEXT, resource TEXT NOT NULL,
            protocol TEXT NOT NULL, client TEXT NOT NULL, opened_at TEXT NOT NULL, ended_at TEXT, end TEXT) WITHOUT ROWID;
        CREATE INDEX sessions_principal ON sessions (principal, id);
        CREATE INDEX sessions_resource ON sessions (resource, id);
        CREATE INDEX sessions_live ON sessions (id) WHERE ended_at IS NULL;

        CREATE TABLE holds (
            id TEXT PRIMARY KEY, state TEXT NOT NULL, asked_at TEXT NOT NULL, principal TEXT NOT NULL COLLATE NOCASE,
            resource TEXT NOT NULL, session TEXT NOT NULL, hold TEXT NOT NULL, decided_by TEXT NOT NULL,
            reason TEXT, modified_text TEXT, ended_at TEXT) WITHOUT ROWID;
        CREATE INDEX holds_asked ON holds (asked_at);
        CREATE INDEX holds_state ON holds (state, asked_at);
        CREATE INDEX holds_principal ON holds (principal, asked_at);
        CREATE INDEX holds_resource ON holds (resource, asked_at);

        CREATE TABLE segment_spans (
            session TEXT NOT NULL, segment TEXT NOT NULL, first_offset INTEGER NOT NULL, last_offset INTEGER NOT NULL,
            PRIMARY KEY (session, segment)) WITHOUT ROWID;
        """,
        """
        ALTER TABLE secrets ADD COLUMN one_time INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE secrets ADD COLUMN spent_at TEXT;
        """,
    ];

    public static int Newest => Versions.Length;

    /// <summary>The version of the file, 0 for an empty one.</summary>
    public static int VersionOf(SqliteConnection connection)
    {
        using var exists = connection.CreateCommand();
        exists.CommandText = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'";
        if ((long)exists.ExecuteScalar()! == 0)
            return 0;
        using var version = connection.CreateCommand();
        version.CommandText = "SELECT coalesce(max(version), 0) FROM migrations";
        return (int)(long)version.ExecuteScalar()!;
    }

    public static void Apply(SqliteConnection connection, TimeProvider time)
    {
        using var transaction = connection.BeginTransaction();
        connection.Execute(transaction, "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)");
        for (var version = VersionOf(connection) + 1; version <= Newest; version++)
        {
            connection.Execute(transaction, Versions[version - 1]);
            connection.Execute(transaction, "INSERT INTO migrations VALUES ($version, $at)",
                ("$version", version), ("$at", SqliteText.Of(time.GetUtcNow())));
        }
        transaction.Commit();
    }
}
