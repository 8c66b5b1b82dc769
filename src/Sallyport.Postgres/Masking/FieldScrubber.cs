using System.Buffers.Binary;
using System.Buffers.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// Looks for secrets in a field whose column says nothing, and blots them out in place: the length never changes, and the value stays
/// one of its type. Allocates nothing.
/// </summary>
internal static class FieldScrubber
{
    private const int ElementCountOffset = 12;
    private const int DimensionLength = 8;
    private const int MostDimensions = 6;

    public static bool Finds(ITextMasker masker, Detectors detectors, WireType type, FieldContent content, ReadOnlySpan<byte> value)
    {
        switch (content)
        {
            case FieldContent.None: return false;
            case FieldContent.Int8Binary: return FindsInteger(masker, detectors, value);
            case FieldContent.NumericBinary: return NumericMask.TryReadWhole(value, out var whole) && FindsNumber(masker, detectors, whole);
            case FieldContent.ArrayBinary:
                var inner = FieldContents.OfScalar(type.Element, format: 1);
                for (var at = FirstElement(value); TryElement(value, ref at, out var element);)
                {
                    if (Finds(masker, detectors, default, inner, value[element])) return true;
                }

                return false;
            default: return masker.TryDetect(detectors, value, 0, out _);
        }
    }

    public static void Scrub(ITextMasker masker, Detectors detectors, WireType type, FieldContent content, Span<byte> value)
    {
        switch (content)
        {
            case FieldContent.None: break;
            case FieldContent.Int8Binary:
                if (FindsInteger(masker, detectors, value)) value.Clear();
                break;
            case FieldContent.NumericBinary:
                // Digits of zero are accepted and keep the length.
                if (Finds(masker, detectors, type, content, value)) value[NumericMask.HeaderLength..].Clear();
                break;
            case FieldContent.ArrayBinary:
                var inner = FieldContents.OfScalar(type.Element, format: 1);
                for (var at = FirstElement(value); TryElement(value, ref at, out var element);)
                {
                    Scrub(masker, detectors, default, inner, value[element]);
                }

                break;
            default:
                for (var at = 0; masker.TryDetect(detectors, value, at, out var found);) at = Blot.Out(content, value, found);
                break;
        }
    }

    private static bool FindsInteger(ITextMasker masker, Detectors detectors, ReadOnlySpan<byte> value) =>
        value.Length == sizeof(long) && FindsNumber(masker, detectors, (ulong)Math.Max(0, BinaryPrimitives.ReadInt64BigEndian(value)));

    private static bool FindsNumber(ITextMasker masker, Detectors detectors, ulong number)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, text, out var length);
        return masker.TryDetect(detectors, text[..length], 0, out _);
    }

    /// <summary>Past the header of array_send: int32 dimensions, flags, element type, then a size and a lower bound per dimension.</summary>
    private static int FirstElement(ReadOnlySpan<byte> value)
    {
        if (value.Length < ElementCountOffset) return value.Length;
        var dimensions = BinaryPrimitives.ReadInt32BigEndian(value);
        return dimensions is < 0 or > MostDimensions ? value.Length : ElementCountOffset + (dimensions * DimensionLength);
    }

    private static bool TryElement(ReadOnlySpan<byte> value, ref int at, out Range element)
    {
        element = default;
        while (value.Length - at >= sizeof(int))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(value[at..]);
            at += sizeof(int);
            if (length < 0) continue;
            // An array that lies about its elements is looked at as far as it goes.
            var end = (int)Math.Min(value.Length, (long)at + length);
            element = at..end;
            at = end;
            return true;
        }

        return false;
    }
}
