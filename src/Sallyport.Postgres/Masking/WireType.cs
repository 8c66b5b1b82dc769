using System.Collections.Frozen;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// What a type's OID says about its values (pg_type of PostgreSQL 15; built-in OIDs never change). Domains arrive as their base type.
/// </summary>
/// <param name="Shape">How a value is written.</param>
/// <param name="Element">How an array's elements are written; else <see cref="TypeShape.Unknown"/>.</param>
/// <param name="ElementOid">The OID that stands in a binary array's header.</param>
public readonly record struct WireType(TypeShape Shape, TypeShape Element = TypeShape.Unknown, uint ElementOid = 0)
{
    /// <summary>A text type of an extension, such as citext, whose OID only the catalogue knows.</summary>
    public static readonly WireType Text = new(TypeShape.Text);

    private static readonly FrozenDictionary<uint, WireType> ByOid = Build();

    /// <summary>What is not built in, or has no value that can stand for another, is <see cref="TypeShape.Unknown"/>.</summary>
    public static WireType Of(uint oid) => ByOid.GetValueOrDefault(oid);

    private static FrozenDictionary<uint, WireType> Build()
    {
        // Shape, OID, OID of its array (0: none).
        (TypeShape Shape, uint Oid, uint Array)[] types =
        [
            (TypeShape.Text, 25, 1009), (TypeShape.Text, 1043, 1015), (TypeShape.Text, 1042, 1014), (TypeShape.Text, 1790, 2201),
            (TypeShape.Text, 705, 0), (TypeShape.Text, 2275, 1263), (TypeShape.Name, 19, 1003), (TypeShape.SingleByte, 18, 1002),
            (TypeShape.Bool, 16, 1000), (TypeShape.Bytea, 17, 1001), (TypeShape.Int2, 21, 1005), (TypeShape.Int4, 23, 1007),
            (TypeShape.Int8, 20, 1016), (TypeShape.Float4, 700, 1021), (TypeShape.Float8, 701, 1022), (TypeShape.Numeric, 1700, 1231),
            (TypeShape.Money, 790, 791), (TypeShape.Oid, 26, 1028), (TypeShape.Oid, 28, 1011), (TypeShape.Oid, 29, 1012),
            (TypeShape.Oid, 24, 1008), (TypeShape.Oid, 2202, 2207), (TypeShape.Oid, 2203, 2208), (TypeShape.Oid, 2204, 2209),
            (TypeShape.Oid, 2205, 2210), (TypeShape.Oid, 2206, 2211), (TypeShape.Oid, 3734, 3735), (TypeShape.Oid, 3769, 3770),
            (TypeShape.Oid, 4089, 4090), (TypeShape.Oid, 4096, 4097), (TypeShape.Oid, 4191, 4192), (TypeShape.Xid8, 5069, 271),
            (TypeShape.TupleId, 27, 1010), (TypeShape.Date, 1082, 1182), (TypeShape.Time, 1083, 1183), (TypeShape.TimeTz, 1266, 1270),
            (TypeShape.Timestamp, 1114, 1115), (TypeShape.TimestampTz, 1184, 1185), (TypeShape.Interval, 1186, 1187),
            (TypeShape.Uuid, 2950, 2951), (TypeShape.Json, 114, 199), (TypeShape.Jsonb, 3802, 3807), (TypeShape.JsonPath, 4072, 4073),
            (TypeShape.Xml, 142, 143), (TypeShape.Inet, 869, 1041), (TypeShape.Cidr, 650, 651), (TypeShape.MacAddr, 829, 1040),
            (TypeShape.MacAddr8, 774, 775), (TypeShape.Bit, 1560, 1561), (TypeShape.Bit, 1562, 1563), (TypeShape.Point, 600, 1017),
            (TypeShape.Line, 628, 629), (TypeShape.Segment, 601, 1018), (TypeShape.Box, 603, 1020), (TypeShape.Path, 602, 1019),
            (TypeShape.Polygon, 604, 1027), (TypeShape.Circle, 718, 719), (TypeShape.TextVector, 3614, 3643),
            (TypeShape.TextQuery, 3615, 3645), (TypeShape.Lsn, 3220, 3221), (TypeShape.Void, 2278, 0), (TypeShape.Range, 3904, 3905),
            (TypeShape.Range, 3906, 3907), (TypeShape.Range, 3908, 3909), (TypeShape.Range, 3910, 3911), (TypeShape.Range, 3912, 3913),
            (TypeShape.Range, 3926, 3927), (TypeShape.Multirange, 4451, 6150), (TypeShape.Multirange, 4532, 6151),
            (TypeShape.Multirange, 4533, 6152), (TypeShape.Multirange, 4534, 6153), (TypeShape.Multirange, 4535, 6155),
            (TypeShape.Multirange, 4536, 6157),
        ];
        var all = new Dictionary<uint, WireType>();
        foreach (var (shape, oid, array) in types)
        {
            all.Add(oid, new WireType(shape));
            if (array != 0) all.Add(array, new WireType(TypeShape.Array, shape, oid));
        }

        return all.ToFrozenDictionary();
    }
}
