using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;

namespace Sallyport.Postgres.Tests.Masking;

/// <summary>Builds and reads rows the slow and obvious way.</summary>
internal static class Rows
{
    public const Detectors All = (Detectors)127;

    public static readonly TextMasker Masker = new(new byte[32]);

    public static byte[] Body(params byte[]?[] fields)
    {
        var body = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteUInt16BigEndian(body.GetSpan(2), (ushort)fields.Length);
        body.Advance(2);
        foreach (var field in fields)
        {
            BinaryPrimitives.WriteInt32BigEndian(body.GetSpan(4), field?.Length ?? -1);
            body.Advance(4);
            body.Write(field);
        }

        return body.WrittenSpan.ToArray();
    }

    public static byte[]?[] Fields(ReadOnlySpan<byte> message)
    {
        Assert.Equal((byte)'D', message[0]);
        Assert.Equal(message.Length - 1, BinaryPrimitives.ReadInt32BigEndian(message[1..]));
        var fields = new byte[]?[BinaryPrimitives.ReadUInt16BigEndian(message[5..])];
        var at = 7;
        for (var i = 0; i < fields.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(message[at..]);
            at += 4;
            if (length < 0) continue;
            fields[i] = message.Slice(at, length).ToArray();
            at += length;
        }

        Assert.Equal(message.Length, at);
        return fields;
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(byte[]? value) => value is null ? "NULL" : Encoding.UTF8.GetString(value);

    public static byte[]?[] Mask(RowPlan plan, params byte[]?[] fields)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(new RowMasker(Masker).TryMask(plan, Body(fields), output));
        return Fields(output.WrittenSpan);
    }

    /// <summary>The output of a streamed row, or null when it was refused.</summary>
    public static byte[]? Stream(RowPlan plan, byte[] body, IEnumerable<int> cuts)
    {
        var output = new ArrayBufferWriter<byte>();
        var row = new StreamingRow(Masker);
        row.Begin(plan, body.Length, output);
        var at = 0;
        var outcome = StreamOutcome.More;
        foreach (var cut in cuts.Append(body.Length))
        {
            outcome = row.Feed(body.AsSpan(at, cut - at), output);
            if (outcome == StreamOutcome.Refused) return null;
            at = cut;
        }

        row.Release();
        return outcome == StreamOutcome.Complete ? output.WrittenSpan.ToArray() : null;
    }
}
