using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// Masks complete DataRow messages. Holds nothing: a row is put together where it is sent from.
/// DataRow: <c>'D'</c>, int32 length with itself, int16 count of fields; per field int32 length (-1: NULL) and that many bytes.
/// </summary>
public readonly struct RowMasker(ITextMasker masker)
{
    /// <summary>Type and length of the message, before the body.</summary>
    public const int HeaderLength = 5;

    private const int CountLength = sizeof(short);
    private const int Null = -1;

    /// <summary>
    /// Writes the whole message, header included, as the client may see it. False, with nothing written, when the body is not a row
    /// of the plan's shape (another count, lengths that lie): the session must end, since what the fields are is then unknown.
    /// </summary>
    public bool TryMask(RowPlan plan, ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        var row = output.GetSpan(HeaderLength + body.Length + plan.MostAdded);
        var length = Mask(plan, body, row);
        if (length == 0) return false;
        row[0] = (byte)'D';
        BinaryPrimitives.WriteInt32BigEndian(row[1..], length - 1);
        output.Advance(length);
        return true;
    }

    /// <summary>Writes what follows the header. The length of the message, or 0.</summary>
    private int Mask(RowPlan plan, ReadOnlySpan<byte> body, Span<byte> row)
    {
        if (body.Length < CountLength || BinaryPrimitives.ReadUInt16BigEndian(body) != plan.Columns.Length) return 0;
        // Fields that stay are copied in runs, with their lengths.
        var written = HeaderLength;
        var kept = 0;
        var at = CountLength;
        var looksInto = plan.Detectors != Detectors.None;
        foreach (ref readonly var column in plan.Columns.AsSpan())
        {
            if (body.Length - at < sizeof(int)) return 0;
            var start = at;
            var length = BinaryPrimitives.ReadInt32BigEndian(body[at..]);
            at += sizeof(int);
            if (length == Null) continue;
            if ((uint)length > (uint)(body.Length - at)) return 0;
            var value = body.Slice(at, length);
            at += length;
            if (column.Mask is { } mask)
            {
                Copy(body[kept..start], row, ref written);
                kept = at;
                var field = row[written..];
                var isWritten = mask.TryWrite(masker, value, field[sizeof(int)..], out var size);
                BinaryPrimitives.WriteInt32BigEndian(field, isWritten ? size : Null);
                written += isWritten ? sizeof(int) + size : sizeof(int);
            }
            else if (looksInto && FieldScrubber.Finds(masker, plan.Detectors, column.Type, column.Content, value))
            {
                Copy(body[kept..at], row, ref written);
                kept = at;
                FieldScrubber.Scrub(masker, plan.Detectors, column.Type, column.Content, row[(written - length)..written]);
            }
        }

        if (at != body.Length) return 0;
        Copy(body[kept..], row, ref written);
        return written;
    }

    private static void Copy(ReadOnlySpan<byte> bytes, Span<byte> row, ref int written)
    {
        bytes.CopyTo(row[written..]);
        written += bytes.Length;
    }
}
