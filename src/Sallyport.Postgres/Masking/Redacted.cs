using System.Buffers.Binary;

namespace Sallyport.Postgres.Masking;

/// <summary>The constant that stands for a value of each shape, in each format; the server itself would accept it as input.</summary>
internal static class Redacted
{
    public static bool IsText(TypeShape shape) => shape is TypeShape.Text or TypeShape.Name;

    /// <summary>Null when the shape has none: the value then becomes NULL.</summary>
    public static byte[]? Value(WireType type, short format) => format switch
    {
        0 => Text(type.Shape),
        1 => Binary(type),
        _ => null,
    };

    private static byte[]? Text(TypeShape shape) => shape switch
    {
        TypeShape.Text or TypeShape.Name => "[redacted]"u8.ToArray(),
        TypeShape.SingleByte => "*"u8.ToArray(),
        TypeShape.Bool => "f"u8.ToArray(),
        TypeShape.Int2 or TypeShape.Int4 or TypeShape.Int8 or TypeShape.Oid or TypeShape.Float4 or TypeShape.Float8
            or TypeShape.Numeric or TypeShape.Bit or TypeShape.Xid8 => "0"u8.ToArray(),
        TypeShape.Money => "$0.00"u8.ToArray(),
        TypeShape.Date => "2000-01-01"u8.ToArray(),
        TypeShape.Time or TypeShape.Interval => "00:00:00"u8.ToArray(),
        TypeShape.TimeTz => "00:00:00+00"u8.ToArray(),
        TypeShape.Timestamp => "2000-01-01 00:00:00"u8.ToArray(),
        TypeShape.TimestampTz => "2000-01-01 00:00:00+00"u8.ToArray(),
        TypeShape.Uuid => "00000000-0000-0000-0000-000000000000"u8.ToArray(),
        TypeShape.Json or TypeShape.Jsonb => "\"[redacted]\""u8.ToArray(),
        TypeShape.JsonPath => "$"u8.ToArray(),
        TypeShape.Xml => "<redacted/>"u8.ToArray(),
        TypeShape.Bytea => "\\x"u8.ToArray(),
        TypeShape.Inet => "0.0.0.0"u8.ToArray(),
        TypeShape.Cidr => "0.0.0.0/32"u8.ToArray(),
        TypeShape.MacAddr => "00:00:00:00:00:00"u8.ToArray(),
        TypeShape.MacAddr8 => "00:00:00:00:00:00:00:00"u8.ToArray(),
        TypeShape.Point or TypeShape.TupleId => "(0,0)"u8.ToArray(),
        TypeShape.Line => "{1,0,0}"u8.ToArray(),
        TypeShape.Segment => "[(0,0),(0,0)]"u8.ToArray(),
        TypeShape.Box => "(0,0),(0,0)"u8.ToArray(),
        TypeShape.Path or TypeShape.Polygon => "((0,0))"u8.ToArray(),
        TypeShape.Circle => "<(0,0),0>"u8.ToArray(),
        TypeShape.TextVector or TypeShape.TextQuery or TypeShape.Void => [],
        TypeShape.Lsn => "0/0"u8.ToArray(),
        TypeShape.Range => "empty"u8.ToArray(),
        TypeShape.Multirange or TypeShape.Array => "{}"u8.ToArray(),
        _ => null,
    };

    private static byte[]? Binary(WireType type) => type.Shape switch
    {
        TypeShape.Text or TypeShape.Name or TypeShape.SingleByte or TypeShape.Json or TypeShape.Xml => Text(type.Shape),
        TypeShape.Jsonb => [1, .. "\"[redacted]\""u8],
        TypeShape.JsonPath => [1, .. "$"u8],
        TypeShape.Bytea or TypeShape.Void => [],
        TypeShape.Bool => [0],
        TypeShape.Range => [1],
        TypeShape.Int2 => new byte[2],
        TypeShape.Int4 or TypeShape.Oid or TypeShape.Float4 or TypeShape.Date or TypeShape.TextVector or TypeShape.Multirange => new byte[4],
        TypeShape.MacAddr or TypeShape.TupleId => new byte[6],
        TypeShape.Int8 or TypeShape.Float8 or TypeShape.Money or TypeShape.Time or TypeShape.Timestamp or TypeShape.TimestampTz
            or TypeShape.MacAddr8 or TypeShape.Lsn or TypeShape.Xid8 or TypeShape.Numeric => new byte[8],
        TypeShape.TimeTz => new byte[12],
        TypeShape.Interval or TypeShape.Uuid or TypeShape.Point => new byte[16],
        TypeShape.Circle => new byte[24],
        TypeShape.Segment or TypeShape.Box => new byte[32],
        // Family IPv4, 32 bits, is it a cidr, four bytes.
        TypeShape.Inet => [2, 32, 0, 4, 0, 0, 0, 0],
        TypeShape.Cidr => [2, 32, 1, 4, 0, 0, 0, 0],
        // One item: a word, of any weight, not a prefix, x. The binary form has no empty query.
        TypeShape.TextQuery => [0, 0, 0, 1, 1, 0, 0, (byte)'x', 0],
        // One bit.
        TypeShape.Bit => [0, 0, 0, 1, 0],
        // A = 1, since A and B of a line must not both be zero.
        TypeShape.Line => [0x3F, 0xF0, .. new byte[22]],
        // Closed, one point.
        TypeShape.Path => [1, 0, 0, 0, 1, .. new byte[16]],
        TypeShape.Polygon => [0, 0, 0, 1, .. new byte[16]],
        TypeShape.Array => EmptyArray(type.ElementOid),
        _ => null,
    };

    /// <summary>No dimensions, no NULLs, the elements' type.</summary>
    private static byte[] EmptyArray(uint element)
    {
        var header = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), element);
        return header;
    }
}
