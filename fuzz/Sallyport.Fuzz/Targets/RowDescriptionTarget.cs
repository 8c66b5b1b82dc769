using System.Buffers.Binary;
using Sallyport.Postgres.Wire;

namespace Sallyport.Fuzz.Targets;

/// <summary>A description is read exactly where a reading field by field reads one, and says the same fields.</summary>
internal sealed class RowDescriptionTarget : IFuzzTarget
{
    private const int AfterName = 18;

    public string Name => "columns";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [.. Bytes.Int16(2), .. Field("id", 16384, 1, 23, 0), .. Field("", 0, 0, 25, 1)], Bytes.Int16(0),
        [.. Bytes.Int16(1), .. Field("é", -1, -1, -1, -1)],
    ];

    public void Check(byte[] input, Random random)
    {
        var read = RowDescriptionView.TryRead(input, out var fields);
        var expected = Read(input);
        Promise.Holds(read == expected is not null, "exactly whole descriptions are read");
        Promise.Holds(expected is null || fields.SequenceEqual(expected), "the fields are the bytes'");
    }

    private static List<FieldDescription>? Read(byte[] body)
    {
        if (body.Length < 2 || BinaryPrimitives.ReadInt16BigEndian(body) is var count && count < 0)
            return null;
        var fields = new List<FieldDescription>();
        var at = 2;
        while (fields.Count < count)
        {
            var end = Array.IndexOf(body, (byte)0, at);
            if (end < 0 || end + 1 + AfterName > body.Length)
                return null;
            var rest = body.AsSpan(end + 1, AfterName);
            fields.Add(new FieldDescription(BinaryPrimitives.ReadUInt32BigEndian(rest), BinaryPrimitives.ReadInt16BigEndian(rest[4..]),
                BinaryPrimitives.ReadUInt32BigEndian(rest[6..]), BinaryPrimitives.ReadInt16BigEndian(rest[16..])));
            at = end + 1 + AfterName;
        }
        return at == body.Length ? fields : null;
    }

    private static byte[] Field(string name, int table, int attribute, int type, int format) =>
    [
        .. Bytes.Utf8(name), 0, .. Bytes.Int32(table), .. Bytes.Int16(attribute), .. Bytes.Int32(type), .. Bytes.Int16(-1),
        .. Bytes.Int32(-1), .. Bytes.Int16(format),
    ];
}
