using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sallyport.Postgres.Catalogue;

/// <summary>Reads a <see cref="Catalogue"/> over a connection of the gateway's own.</summary>
internal static class CatalogueReader
{
    private const string UserSchemas = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(catalog|toast|temp_|toast_temp_)'";

    private const string Relations = $"""
        SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r','p','v','m','f','S') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
        """;

    private const string Columns = $"""
        SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attgenerated FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r','p','v','m','f') AND ({UserSchemas} OR c.oid = 'pg_catalog.pg_stat_activity'::pg_catalog.regclass)
        """;

    // Only domains have one.
    private const string BaseTypes = "SELECT oid, typbasetype FROM pg_catalog.pg_type WHERE typtype = 'd'";

    private const string Dependencies = """
        SELECT DISTINCT r.ev_class, d.refobjid, 0 FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
         AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
        UNION ALL SELECT inhrelid, inhparent, 1 FROM pg_catalog.pg_inherits
        """;

    // The path has definitions name all that is not PostgreSQL's own with its schema; printing them takes locks that others may hold.
    private const string Settings =
        "SELECT pg_catalog.set_config('search_path', 'pg_catalog', false), pg_catalog.set_config('lock_timeout', '250ms', false)";

    /// <summary>Null when the upstream would not answer, or answered what is no catalogue; the one before when it found nothing new.</summary>
    public static async ValueTask<Catalogue?> ReadAsync(
        CatalogueQueries connection, CodeTrust trust, Catalogue? previous, CancellationToken cancellationToken)
    {
        try
        {
            return await TryReadAsync(connection, trust, previous, cancellationToken);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static async ValueTask<Catalogue?> TryReadAsync(
        CatalogueQueries connection, CodeTrust trust, Catalogue? previous, CancellationToken cancellationToken)
    {
        if (await RowsAsync(connection, Settings, 2, cancellationToken) is null ||
            await RowsAsync(connection, Relations, 4, cancellationToken) is not { } relations ||
            await RowsAsync(connection, Columns, 5, cancellationToken) is not { } columns ||
            await RowsAsync(connection, BaseTypes, 2, cancellationToken) is not { } domains ||
            await RowsAsync(connection, Dependencies, 3, cancellationToken) is not { } dependencies ||
            await CodeReader.ReadAsync(connection, previous?.OwnCode ?? OwnCode.None, cancellationToken) is not { } own ||
            await connection.SchemasAsync(cancellationToken) is not { } schemas)
            return null;
        // The same object: whatever was worked out from it still holds.
        if (previous is not null && previous.Digest == connection.Digest && ReferenceEquals(previous.Trust, trust))
            return previous;
        var below = domains.ToDictionary(static r => Oid(r[0]), static r => Oid(r[1]));
        return new Catalogue(
            [.. relations.Select(static r => new CatalogueRelation(Oid(r[0]), r[1]!, r[2]!, char.Parse(r[3]!)))],
            [.. own.Functions.Select(static f => (f.Schema, f.Name))],
            [.. columns.Select(r => new CatalogueColumn(
                Oid(r[0]), short.Parse(r[1]!, CultureInfo.InvariantCulture), r[2]!, TypeOf(Oid(r[3]), below), r[4]!.Length > 0))],
            [.. dependencies.Select(static r => new CatalogueDependency(Oid(r[0]), Oid(r[1]), r[2] == "1"))],
            previous)
        {
            Definitions = own.Views.ToFrozenDictionary(static v => v.View, static v => v.Query),
            OwnCode = own,
            Trust = trust,
            Digest = connection.Digest,
            SchemaDigest = schemas,
        };
    }

    /// <summary>Null when the upstream would not answer, or not with rows of so many values.</summary>
    internal static async ValueTask<List<string?[]>?> RowsAsync(CatalogueQueries connection, string sql, int width, CancellationToken cancellationToken)
    {
        var rows = await connection.RowsAsync(sql, cancellationToken);
        return Fits(rows, width) ? rows : null;
    }

    /// <summary>As <see cref="RowsAsync"/>, for what is asked because another answer had changed: it says nothing new by being there.</summary>
    internal static async ValueTask<List<string?[]>?> UncountedRowsAsync(
        CatalogueQueries connection, string sql, int width, CancellationToken cancellationToken)
    {
        var rows = await connection.UncountedRowsAsync(sql, cancellationToken);
        return Fits(rows, width) ? rows : null;
    }

    private static bool Fits([NotNullWhen(true)] List<string?[]>? rows, int width) =>
        rows is not null && rows.TrueForAll(r => r.Length == width && !r.Contains(null));

    /// <summary>Values of a domain go over the wire as those of the type below it, which may be a domain again.</summary>
    private static uint TypeOf(uint oid, Dictionary<uint, uint> below)
    {
        while (below.TryGetValue(oid, out var type))
            oid = type;
        return oid;
    }

    private static uint Oid(string? text) => uint.Parse(text!, CultureInfo.InvariantCulture);
}
