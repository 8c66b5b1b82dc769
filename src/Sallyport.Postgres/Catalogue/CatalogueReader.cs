using System.Collections.Frozen;
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

    private const string Functions = $"""
        SELECT DISTINCT n.nspname, p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE {UserSchemas}
        """;

    // What an extension brought is not the database's own: citext has a replace() of its own, and does nothing with it.
    private const string OwnCode = $"""
        SELECT 'f', p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE {UserSchemas}
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
        UNION SELECT 'r', p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE {UserSchemas}
         AND p.pronargs > 0 AND p.pronargs - p.pronargdefaults < 2
        UNION SELECT 'o', o.oprname FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.objid = o.oid AND d.deptype = 'e')
        UNION SELECT 'c', t.typname FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_type t ON t.oid = c.casttarget WHERE c.castfunc >= 16384 AND t.oid >= 16384
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
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

    // So that definitions name every relation with its schema.
    private const string Path = "SELECT pg_catalog.set_config('search_path', 'pg_catalog', false)";

    private const string Definitions = $"""
        SELECT c.oid, pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v','m') AND {UserSchemas}
        """;

    /// <summary>Null when the upstream would not answer, or answered what is no catalogue; the one before when it found nothing new.</summary>
    public static async ValueTask<Catalogue?> ReadAsync(CatalogueQueries connection, Catalogue? previous, CancellationToken cancellationToken)
    {
        if (await RowsAsync(connection, Path, 1, cancellationToken) is null ||
            await RowsAsync(connection, Definitions, 2, cancellationToken) is not { } definitions ||
            await RowsAsync(connection, Relations, 4, cancellationToken) is not { } relations ||
            await RowsAsync(connection, Functions, 2, cancellationToken) is not { } functions ||
            await RowsAsync(connection, Columns, 5, cancellationToken) is not { } columns ||
            await RowsAsync(connection, BaseTypes, 2, cancellationToken) is not { } domains ||
            await RowsAsync(connection, Dependencies, 3, cancellationToken) is not { } dependencies ||
            await RowsAsync(connection, OwnCode, 2, cancellationToken) is not { } own ||
            await connection.SchemasAsync(cancellationToken) is not { } schemas)
            return null;
        // The same object: whatever was worked out from it still holds.
        if (previous is not null && previous.Digest == connection.Digest)
            return previous;
        try
        {
            var below = domains.ToDictionary(static r => Oid(r[0]), static r => Oid(r[1]));
            return new Catalogue(
                [.. relations.Select(static r => new CatalogueRelation(Oid(r[0]), r[1]!, r[2]!, char.Parse(r[3]!)))],
                [.. functions.Select(static r => (r[0]!, r[1]!))],
                [.. columns.Select(r => new CatalogueColumn(
                    Oid(r[0]), short.Parse(r[1]!, CultureInfo.InvariantCulture), r[2]!, TypeOf(Oid(r[3]), below), r[4]!.Length > 0))],
                [.. dependencies.Select(static r => new CatalogueDependency(Oid(r[0]), Oid(r[1]), r[2] == "1"))],
                previous)
            {
                Definitions = definitions.ToFrozenDictionary(static r => Oid(r[0]), static r => r[1]!),
                OwnCode = new OwnCode(own.Select(static r => (r[0]![0], r[1]!))),
                Digest = connection.Digest,
                SchemaDigest = schemas,
            };
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Null when the upstream would not answer, or not with rows of so many values.</summary>
    private static async ValueTask<List<string?[]>?> RowsAsync(CatalogueQueries connection, string sql, int width, CancellationToken cancellationToken)
    {
        var rows = await connection.RowsAsync(sql, cancellationToken);
        return rows is not null && rows.TrueForAll(r => r.Length == width && !r.Contains(null)) ? rows : null;
    }

    /// <summary>Values of a domain go over the wire as those of the type below it, which may be a domain again.</summary>
    private static uint TypeOf(uint oid, Dictionary<uint, uint> below)
    {
        while (below.TryGetValue(oid, out var type))
            oid = type;
        return oid;
    }

    private static uint Oid(string? text) => uint.Parse(text!, CultureInfo.InvariantCulture);
}
