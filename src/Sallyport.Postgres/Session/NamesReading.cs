using System.Globalization;
using System.Text;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// One question to the session's own server process: where does it look for names, and which temporary relations does it have. The
/// client's pump asks, the upstream's takes the answer, and nobody else sees either.
/// </summary>
internal sealed class NamesReading
{
    // A session with more than this is judged as one of which nothing is known.
    private const int MaxRows = 20_000;

    // The session's own search path must not decide what this means: every name in it has its schema, operators too.
    private static readonly byte[] Sql = """
        SELECT 'p', u.n::pg_catalog.text, u.s::pg_catalog.text, '', ''
        FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) WITH ORDINALITY AS u(s, n)
        UNION ALL SELECT 's', '', n.nspname::pg_catalog.text, '', '' FROM pg_catalog.pg_namespace n
        WHERE n.oid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
        UNION ALL SELECT 'r', c.oid::pg_catalog.text, c.relname::pg_catalog.text, c.relkind::pg_catalog.text, ''
        FROM pg_catalog.pg_class c
        WHERE pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
        AND c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
        UNION ALL SELECT 'c', a.attrelid::pg_catalog.text, a.attnum::pg_catalog.text, a.attname::pg_catalog.text, a.atttypid::pg_catalog.text
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
        WHERE pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
        AND c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
        AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped AND c.relkind OPERATOR(pg_catalog.<>) 'i'::pg_catalog."char"
        UNION ALL SELECT 'd', r.ev_class::pg_catalog.text, d.refobjid::pg_catalog.text, '0', ''
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_rewrite r ON r.ev_class OPERATOR(pg_catalog.=) c.oid
        JOIN pg_catalog.pg_depend d ON d.classid OPERATOR(pg_catalog.=) 2618::pg_catalog.oid AND d.objid OPERATOR(pg_catalog.=) r.oid
        AND d.refclassid OPERATOR(pg_catalog.=) 1259::pg_catalog.oid AND d.refobjid OPERATOR(pg_catalog.<>) r.ev_class
        WHERE pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
        AND c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
        UNION ALL SELECT 'd', i.inhrelid::pg_catalog.text, i.inhparent::pg_catalog.text, '1', ''
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid OPERATOR(pg_catalog.=) c.oid
        WHERE pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
        AND c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
        """u8.ToArray();

    // What it is, and up to four words about it.
    private const int Width = 5;

    private readonly List<string[]> _rows = [];
    private bool _isComplete;

    /// <param name="hasOwnSync">It is asked between two segments of the client's and is one itself: whatever comes of it is not the client's.</param>
    public NamesReading(bool hasOwnSync) => HasOwnSync = hasOwnSync;

    public static ReadOnlySpan<byte> Text => Sql;

    public bool HasOwnSync { get; }

    /// <summary>Takes a row; false when it is none of this question.</summary>
    public bool TryAdd(ReadOnlySpan<byte> row)
    {
        var reader = new BodyReader(row);
        if (_rows.Count > MaxRows || !reader.TryInt16(out var count) || count != Width)
            return _rows.Count > MaxRows;
        var values = new string[Width];
        for (var i = 0; i < values.Length; i++)
        {
            if (!reader.TryInt32(out var length) || !reader.TryBytes(length, out var value))
                return false;
            values[i] = Encoding.UTF8.GetString(value);
        }
        _rows.Add(values);
        return true;
    }

    /// <summary>The server said that these were all.</summary>
    public void Complete() => _isComplete = true;

    /// <summary>What the answer says; false when it did not come to its end or says nothing that can be used.</summary>
    public bool TryRead(out SearchPath path, out TemporaryRelations temporary)
    {
        path = null!;
        temporary = TemporaryRelations.None;
        if (!_isComplete || _rows.Count > MaxRows)
            return false;
        try
        {
            var rows = _rows.ToLookup(static r => r[0]);
            path = new SearchPath(rows["p"].OrderBy(static r => int.Parse(r[1], CultureInfo.InvariantCulture)).Select(static r => r[2]));
            if (rows["s"].FirstOrDefault() is { } schema && rows["r"].Any())
            {
                temporary = new TemporaryRelations(
                    schema[2],
                    [.. rows["r"].Select(static r => new CatalogueRelation(Oid(r[1]), SearchPath.Temporary, r[2], char.Parse(r[3])))],
                    [.. rows["c"].Select(static r => new CatalogueColumn(Oid(r[1]), short.Parse(r[2], CultureInfo.InvariantCulture), r[3]))],
                    [.. rows["d"].Select(static r => new CatalogueDependency(Oid(r[1]), Oid(r[2]), r[3] == "1")).Distinct()]);
            }
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }

    private static uint Oid(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
