using System.Globalization;
using Sallyport.Postgres.Upstream;

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

    private const string Columns = $"""
        SELECT a.attrelid, a.attnum, a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r','p','v','m','f') AND {UserSchemas}
        """;

    private const string Dependencies = """
        SELECT DISTINCT r.ev_class, d.refobjid, 0 FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
         AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
        UNION ALL SELECT inhrelid, inhparent, 1 FROM pg_catalog.pg_inherits
        """;

    /// <summary>Null when the upstream would not answer.</summary>
    public static async ValueTask<Catalogue?> ReadAsync(UpstreamConnection connection, Catalogue? previous, CancellationToken cancellationToken)
    {
        var relations = await UpstreamQuery.RunAsync(connection, Relations, cancellationToken);
        var functions = await UpstreamQuery.RunAsync(connection, Functions, cancellationToken);
        var columns = await UpstreamQuery.RunAsync(connection, Columns, cancellationToken);
        var dependencies = await UpstreamQuery.RunAsync(connection, Dependencies, cancellationToken);
        if (relations.Rows is null || functions.Rows is null || columns.Rows is null || dependencies.Rows is null)
            return null;
        return new Catalogue(
            [.. relations.Rows.Select(static r => new CatalogueRelation(Oid(r[0]), r[1]!, r[2]!, r[3]![0]))],
            [.. functions.Rows.Select(static r => (r[0]!, r[1]!))],
            [.. columns.Rows.Select(static r => new CatalogueColumn(Oid(r[0]), short.Parse(r[1]!, CultureInfo.InvariantCulture), r[2]!))],
            [.. dependencies.Rows.Select(static r => new CatalogueDependency(Oid(r[0]), Oid(r[1]), r[2] == "1"))],
            previous);
    }

    private static uint Oid(string? text) => uint.Parse(text!, CultureInfo.InvariantCulture);
}
