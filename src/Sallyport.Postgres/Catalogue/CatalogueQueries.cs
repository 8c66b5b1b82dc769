using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Catalogue;

/// <summary>Asks the questions of one reading and hashes all answers, so that two readings that found the same are known to.</summary>
internal sealed class CatalogueQueries : IDisposable
{
    // Which of the schemas of its search path a session really looks in hangs on these.
    private const string Schemas = """
        SELECT n.oid, n.nspname, n.nspowner, coalesce(n.nspacl::text, '') FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_(temp_|toast)'
        UNION ALL SELECT m.roleid, '', m.member, '' FROM pg_catalog.pg_auth_members m
        UNION ALL SELECT r.oid, r.rolname, r.oid, r.rolsuper::text FROM pg_catalog.pg_roles r
        """;

    private readonly UpstreamConnection _connection;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public CatalogueQueries(UpstreamConnection connection) => _connection = connection;

    /// <summary>Of everything answered so far.</summary>
    public UInt128 Digest => Cut(_hash.GetCurrentHash());

    /// <summary>A digest of the schemas and of who may use them; null when the upstream would not answer.</summary>
    public async ValueTask<UInt128?> SchemasAsync(CancellationToken cancellationToken)
    {
        if (await RowsAsync(Schemas, cancellationToken) is not { } rows)
            return null;
        // As a set: the order of rows means nothing.
        var lines = rows.Select(static r => string.Join('\0', r)).Order(StringComparer.Ordinal);
        return Cut(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join("\0\0", lines))));
    }

    public async ValueTask<List<string?[]>?> RowsAsync(string sql, CancellationToken cancellationToken)
    {
        var rows = await UncountedRowsAsync(sql, cancellationToken);
        foreach (var row in rows ?? [])
        {
            foreach (var value in row)
                _hash.AppendData(Encoding.UTF8.GetBytes(value + "\0"));
        }
        _hash.AppendData("\0\0"u8);
        return rows;
    }

    /// <summary>As <see cref="RowsAsync"/>, outside the digest.</summary>
    public async ValueTask<List<string?[]>?> UncountedRowsAsync(string sql, CancellationToken cancellationToken) =>
        (await UpstreamQuery.RunAsync(_connection, sql, cancellationToken)).Rows;

    public void Dispose() => _hash.Dispose();

    private static UInt128 Cut(byte[] hash) => BinaryPrimitives.ReadUInt128BigEndian(hash);
}
