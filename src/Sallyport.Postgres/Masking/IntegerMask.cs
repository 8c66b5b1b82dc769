using System.Buffers.Binary;
using System.Buffers.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>The masks that keep something of a whole number. False, with nothing written, when the bytes are no such number.</summary>
internal static class IntegerMask
{
    /// <summary>The longest number in text.</summary>
    public const int Longest = 20;

    private const int Kept = 10_000;

    /// <summary>The last four digits before the point. A number of four digits or fewer would stay whole, so it becomes 0.</summary>
    public static bool TryWriteLastDigits(TypeShape shape, short format, ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        if (shape == TypeShape.Numeric) return NumericMask.TryWriteLastDigits(format, value, destination, out written);
        written = 0;
        if (!TryRead(shape, format, value, out var number)) return false;
        var magnitude = number < 0 ? 0 - (ulong)number : (ulong)number;
        written = Write(shape, format, magnitude < Kept ? 0 : (long)(magnitude % Kept), destination);
        return true;
    }

    /// <summary>The keyed hash of the number, cut to the positive numbers of its type; the same in both formats.</summary>
    public static bool TryWriteHash(ITextMasker masker, TypeShape shape, short format, ReadOnlySpan<byte> value, Span<byte> destination,
        out int written)
    {
        written = 0;
        if (!TryRead(shape, format, value, out var number)) return false;
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Span<byte> hash = stackalloc byte[32];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        masker.Hash(bytes, hash);
        var positive = shape switch
        {
            TypeShape.Int2 => short.MaxValue,
            TypeShape.Int4 => int.MaxValue,
            TypeShape.Oid => uint.MaxValue,
            _ => long.MaxValue,
        };
        written = Write(shape, format, BinaryPrimitives.ReadInt64BigEndian(hash) & positive, destination);
        return true;
    }

    public static bool TryRead(TypeShape shape, short format, ReadOnlySpan<byte> value, out long number)
    {
        number = 0;
        if (format == 0) return Utf8Parser.TryParse(value, out number, out var consumed) && consumed == value.Length;
        if (value.Length != Size(shape)) return false;
        number = shape switch
        {
            TypeShape.Int2 => BinaryPrimitives.ReadInt16BigEndian(value),
            TypeShape.Int4 => BinaryPrimitives.ReadInt32BigEndian(value),
            TypeShape.Oid => BinaryPrimitives.ReadUInt32BigEndian(value),
            _ => BinaryPrimitives.ReadInt64BigEndian(value),
        };
        return true;
    }

    private static int Size(TypeShape shape) => shape switch
    {
        TypeShape.Int2 => sizeof(short),
        TypeShape.Int4 or TypeShape.Oid => sizeof(int),
        _ => sizeof(long),
    };

    private static int Write(TypeShape shape, short format, long number, Span<byte> destination)
    {
        if (format == 0)
        {
            Utf8Formatter.TryFormat(number, destination, out var written);
            return written;
        }

        var size = Size(shape);
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        bytes[^size..].CopyTo(destination);
        return size;
    }
}
