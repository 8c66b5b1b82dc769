using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// Masks complete DataRow messages of one session. Not thread-safe; owns one pooled buffer, which <see cref="Release"/> gives back.
/// DataRow: <c>'D'</c>, int32 length with itself, int16 count of fields; per field int32 length (-1: NULL) and that many bytes.
/// </summary>
public sealed class RowMasker
{
    /// <summary>Type and length of the message, before the body.</summary>
    public const int HeaderLength = 5;

    private const int CountLength = sizeof(short);
    private const int Null = -1;

    private readonly ITextMasker _masker;
    private readonly RowBuffer _row = new();

    public RowMasker(ITextMasker masker) => _masker = masker;

    /// <summary>
    /// Writes the whole message, header included, as the client may see it. False, with nothing written, when the body is not a row
    /// of the plan's shape (another count, lengths that lie): the session must end, since what the fields are is then unknown.
    /// </summary>
    public bool TryMask(RowPlan plan, ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        if (body.Length < CountLength || BinaryPrimitives.ReadUInt16BigEndian(body) != plan.Columns.Length) return false;
        _row.Clear();
        Span<byte> header = [(byte)'D', 0, 0, 0, 0];
        _row.Append(header);

        // Fields that stay are copied in runs, with their lengths.
        var kept = 0;
        var at = CountLength;
        var looksInto = plan.Detectors != Detectors.None;
        foreach (ref readonly var column in plan.Columns.AsSpan())
        {
            if (body.Length - at < sizeof(int)) return false;
            var start = at;
            var length = BinaryPrimitives.ReadInt32BigEndian(body[at..]);
            at += sizeof(int);
            if (length == Null) continue;
            if (length < 0 || length > body.Length - at) return false;
            var value = body.Slice(at, length);
            at += length;
            if (column.Mask is { } mask)
            {
                _row.Append(body[kept..start]);
                kept = at;
                WriteMasked(mask, value);
            }
            else if (looksInto && FieldScrubber.Finds(_masker, plan.Detectors, column.Type, column.Content, value))
            {
                _row.Append(body[kept..at]);
                kept = at;
                FieldScrubber.Scrub(_masker, plan.Detectors, column.Type, column.Content, _row.Last(length));
            }
        }

        if (at != body.Length) return false;
        _row.Append(body[kept..]);
        _row.SetInt32(1, _row.Length - 1);
        output.Write(_row.Written);
        return true;
    }

    /// <summary>Gives the buffer back; for when the session goes idle, and when it ends. The next row takes a new one.</summary>
    public void Release() => _row.Release();

    private void WriteMasked(FieldMask mask, ReadOnlySpan<byte> value)
    {
        var lengthAt = _row.Length;
        _row.Append([0xFF, 0xFF, 0xFF, 0xFF]);
        if (mask.TryWrite(_masker, value, _row)) _row.SetInt32(lengthAt, _row.Length - lengthAt - sizeof(int));
    }
}
