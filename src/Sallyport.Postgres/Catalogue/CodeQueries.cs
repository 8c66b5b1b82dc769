using System.Globalization;

namespace Sallyport.Postgres.Catalogue;

/// <summary>The queries of <see cref="CodeReader"/>. What expressions run is taken from pg_depend, which has the server's own resolution.</summary>
internal static class CodeQueries
{
    /// <summary>The database's own: what is outside the system's schemas, and what somebody put into them.</summary>
    private const string Own =
        "(n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(catalog|toast|temp_|toast_temp_)' OR p.oid >= 16384 AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)')";

    private const string Namespaces = "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace";

    private const string Reference = "p.oid, n.nspname, p.proname, p.pronargs";

    /// <summary>oid, version, schema, name, whether of an extension.</summary>
    public const string Functions = $"""
        SELECT p.oid, p.xmin, n.nspname, p.proname, CASE WHEN d.objid IS NULL THEN 0 ELSE 1 END FROM pg_catalog.pg_proc p {Namespaces}
        LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
        WHERE {Own}
        """;

    /// <summary>oid, text.</summary>
    public const string Printed = $"""
        SELECT oid, body FROM (SELECT p.oid, pg_catalog.pg_get_function_sqlbody(p.oid) AS body FROM pg_catalog.pg_proc p {Namespaces}
         WHERE p.prosrc = '' AND p.prolang = (SELECT l.oid FROM pg_catalog.pg_language l WHERE l.lanname = 'sql') AND {Own}) b
        WHERE pg_catalog.octet_length(body) <= 65536
        """;

    // Which functions an object's expressions run; then what values of a type run when they become one: checks of domains and casts.
    private const string Dependent = """
        RECURSIVE runs AS (
         SELECT d.classid, d.objid, d.refobjid AS proc FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.deptype <> 'e'
         UNION SELECT d.classid, d.objid, o.oprcode FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_operator o ON o.oid = d.refobjid
         WHERE d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.deptype <> 'e'),
        chain AS (
         SELECT t.oid AS typ, t.oid AS member FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
         UNION SELECT c.typ, t.typbasetype FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.member WHERE t.typtype = 'd'),
        casts AS (
         SELECT k.casttarget, k.castfunc, k.castcontext::text AS context FROM pg_catalog.pg_cast k WHERE k.castfunc <> 0 AND k.oid >= 16384
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND d.objid = k.oid AND d.deptype = 'e')),
        becomes AS (
         SELECT c.typ, 'd' AS kind, r.proc, 'i' AS context FROM chain c JOIN pg_catalog.pg_constraint k ON k.contypid = c.member
         JOIN runs r ON r.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND r.objid = k.oid
         UNION SELECT k.casttarget, 'c', k.castfunc, k.context FROM casts k
         UNION SELECT c.typ, 'c', k.castfunc, k.context FROM chain c JOIN casts k ON k.casttarget = c.member)
        """;

    /// <summary>user, name, whether of an extension, function.</summary>
    public const string Uses = $"""
        WITH {Dependent}
        SELECT 'o', o.oprname, CASE WHEN d.objid IS NULL THEN 0 ELSE 1 END, {Reference} FROM pg_catalog.pg_operator o
        JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode {Namespaces}
        LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.objid = o.oid AND d.deptype = 'e'
        WHERE o.oid >= 16384
        UNION SELECT b.kind, t.typname, 0, {Reference} FROM becomes b JOIN pg_catalog.pg_type t ON t.oid = b.typ
        JOIN pg_catalog.pg_proc p ON p.oid = b.proc {Namespaces}
        UNION SELECT 'a', a.aggfnoid::pg_catalog.oid::text, 0, {Reference} FROM pg_catalog.pg_aggregate a
        CROSS JOIN LATERAL (VALUES (a.aggtransfn), (a.aggfinalfn), (a.aggcombinefn), (a.aggserialfn), (a.aggdeserialfn), (a.aggmtransfn), (a.aggminvtransfn), (a.aggmfinalfn)) f (oid)
        JOIN pg_catalog.pg_proc p ON p.oid = f.oid {Namespaces} WHERE a.aggfnoid >= 16384
        """;

    /// <summary>relation, events, function.</summary>
    public const string Attached = $"""
        WITH {Dependent},
        attached AS (
         SELECT a.adrelid AS rel, 20 AS events, r.proc FROM pg_catalog.pg_attrdef a JOIN runs r ON r.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND r.objid = a.oid
         UNION SELECT k.conrelid, 20, r.proc FROM pg_catalog.pg_constraint k JOIN runs r ON r.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND r.objid = k.oid WHERE k.conrelid <> 0
         UNION SELECT i.indrelid, 20, r.proc FROM pg_catalog.pg_index i JOIN runs r ON r.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND r.objid = i.indexrelid
         UNION SELECT c.oid, 20, r.proc FROM pg_catalog.pg_class c JOIN runs r ON r.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND r.objid = c.oid WHERE c.relkind = 'p'
         UNION SELECT o.polrelid, 29, r.proc FROM pg_catalog.pg_policy o JOIN runs r ON r.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND r.objid = o.oid
         UNION SELECT w.ev_class, 1, r.proc FROM pg_catalog.pg_rewrite w JOIN runs r ON r.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.objid = w.oid WHERE w.ev_type = '1'
         UNION SELECT g.tgrelid, g.tgtype & 60, r.proc FROM pg_catalog.pg_trigger g JOIN runs r ON r.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND r.objid = g.oid
         WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
         UNION SELECT a.attrelid, 20, b.proc FROM becomes b JOIN pg_catalog.pg_type t ON b.typ IN (t.oid, t.typelem) JOIN pg_catalog.pg_attribute a ON a.atttypid = t.oid
         WHERE a.attnum > 0 AND NOT a.attisdropped AND b.context <> 'e')
        SELECT a.rel, a.events, {Reference} FROM attached a JOIN pg_catalog.pg_proc p ON p.oid = a.proc {Namespaces} WHERE {Own}
        """;

    /// <summary>oid, version, relation, events (0 for the query of a view).</summary>
    public const string Rules = """
        SELECT w.oid, w.xmin, w.ev_class, CASE w.ev_type WHEN '1' THEN 0 WHEN '2' THEN 16 WHEN '3' THEN 4 ELSE 8 END
        FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
        WHERE w.ev_enabled <> 'D' AND w.oid >= 16384 AND c.relpersistence <> 't'
        """;

    /// <summary>oid, text.</summary>
    public const string RuleTexts = """
        SELECT t.oid, t.text FROM (
         SELECT w.oid, CASE w.ev_type WHEN '1' THEN pg_catalog.pg_get_viewdef(w.ev_class) ELSE pg_catalog.pg_get_ruledef(w.oid) END AS text
         FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
         WHERE w.ev_enabled <> 'D' AND w.oid >= 16384 AND c.relpersistence <> 't') t
        WHERE pg_catalog.octet_length(t.text) <= 1048576
        """;

    /// <summary>key, parent, child, on delete, on update, referenced column, referencing column.</summary>
    public const string ForeignKeys = """
        SELECT k.oid, k.confrelid, k.conrelid, k.confdeltype, k.confupdtype, r.attname, c.attname FROM pg_catalog.pg_constraint k
        CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.confkey), pg_catalog.unnest(k.conkey)) u (referenced, referencing)
        JOIN pg_catalog.pg_attribute r ON r.attrelid = k.confrelid AND r.attnum = u.referenced
        JOIN pg_catalog.pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = u.referencing
        WHERE k.contype = 'f' ORDER BY k.oid
        """;

    // So many are asked for by OID; of more, all are read.
    private const int ManyFunctions = 500;

    /// <summary>oid, kind, fewest and most arguments (-1: any), language, security definer, settings, whether the body is a tree, text.</summary>
    public static string Definitions(IReadOnlyCollection<uint> functions)
    {
        var which = functions.Count > ManyFunctions
            ? Own
            : $"p.oid IN ({string.Join(',', functions.Select(static f => f.ToString(CultureInfo.InvariantCulture)))})";
        return $"""
            SELECT p.oid, p.prokind, p.pronargs - p.pronargdefaults,
            CASE WHEN p.provariadic <> 0 THEN -1 WHEN p.prokind = 'p' THEN GREATEST(p.pronargs, coalesce(pg_catalog.array_length(p.proallargtypes, 1), 0)) ELSE p.pronargs END,
            l.lanname, p.prosecdef::int, coalesce(pg_catalog.array_to_string(p.proconfig, E'\n'), ''), (l.lanname = 'sql' AND p.prosrc = '')::int,
            CASE WHEN l.lanname = 'sql' AND pg_catalog.octet_length(p.prosrc) <= 65536 THEN p.prosrc ELSE '' END
            FROM pg_catalog.pg_proc p {Namespaces} JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE {which}
            """;
    }
}
