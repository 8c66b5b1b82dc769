using System.Globalization;

namespace Sallyport.Postgres.Replay;

/// <summary>Names of the common built-in types by OID (pg_type); others by their number.</summary>
internal static class TypeNames
{
    public static string Of(uint oid) => oid switch
    {
        0 or 705 => "unknown",
        16 => "boolean",
        17 => "bytea",
        20 => "bigint",
        21 => "smallint",
        23 => "integer",
        25 => "text",
        26 => "oid",
        114 => "json",
        700 => "real",
        701 => "double precision",
        1042 => "char",
        1043 => "varchar",
        1082 => "date",
        1114 => "timestamp",
        1184 => "timestamptz",
        1700 => "numeric",
        2950 => "uuid",
        3802 => "jsonb",
        _ => "type " + oid.ToString(CultureInfo.InvariantCulture),
    };
}
