namespace Sallyport.Postgres.Masking;

/// <summary>How values of a type are written: what masking must know of it. Types that look alike on the wire share a shape.</summary>
public enum TypeShape : byte
{
    /// <summary>An enum, a composite, an extension's type: no value can be invented for it.</summary>
    Unknown,

    /// <summary>text, varchar, bpchar and all that is any string: also citext, when the caller knows its OID.</summary>
    Text,

    /// <summary>name: text of at most 63 bytes.</summary>
    Name,

    /// <summary>"char": one byte.</summary>
    SingleByte,
    Bool,
    Int2,
    Int4,
    Int8,

    /// <summary>oid, xid, cid and the reg* types: four bytes without sign.</summary>
    Oid,
    Float4,
    Float8,
    Numeric,
    Money,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Interval,
    Uuid,
    Json,
    Jsonb,
    JsonPath,
    Xml,
    Bytea,
    Inet,
    Cidr,
    MacAddr,
    MacAddr8,
    Bit,
    Point,
    Line,
    Segment,
    Box,
    Path,
    Polygon,
    Circle,
    TextVector,
    TextQuery,
    Lsn,
    TupleId,
    Xid8,
    Void,
    Range,
    Multirange,

    /// <summary>An array; what its elements are is said apart.</summary>
    Array,
}
