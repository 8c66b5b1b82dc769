using System.Buffers.Binary;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// numeric on the wire. Binary (numeric_send): int16 count of digits, weight of the first, sign, display scale; then the digits in base
/// 10000, so that the digit of weight 0 is the last four decimal digits before the point.
/// </summary>
internal static class NumericMask
{
    public const int HeaderLength = 8;

    private const int DigitLength = 2;

    public static bool TryWriteLastDigits(short format, ReadOnlySpan<byte> value, Span<byte> destination, out int written) =>
        format == 0 ? TryWriteText(value, destination, out written) : TryWriteBinary(value, destination, out written);

    /// <summary>The whole part of a binary numeric of at most 19 digits; false for larger ones and for what is not finite.</summary>
    public static bool TryReadWhole(ReadOnlySpan<byte> value, out ulong whole)
    {
        whole = 0;
        if (!TryReadHeader(value, out var digits, out var weight) || weight is < 0 or > 4) return false;
        for (var i = 0; i <= weight; i++)
        {
            var digit = i < digits ? Digit(value, i) : 0UL;
            if (whole > (ulong.MaxValue - digit) / 10_000) return false;
            whole = (whole * 10_000) + digit;
        }

        return true;
    }

    private static bool TryWriteText(ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;
        if (!value.IsEmpty && value[0] == '-') value = value[1..];
        var end = value.IndexOf((byte)'.');
        var whole = end < 0 ? value : value[..end];
        if (whole.IsEmpty || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        var kept = whole.Length > 4 ? whole[^4..].TrimStart((byte)'0') : default;
        if (kept.IsEmpty) kept = "0"u8;
        kept.CopyTo(destination);
        written = kept.Length;
        return true;
    }

    private static bool TryWriteBinary(ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;
        if (!TryReadHeader(value, out var digits, out var weight)) return false;
        var kept = weight > 0 && weight < digits ? Digit(value, weight) : (ushort)0;
        written = HeaderLength + DigitLength;
        destination[..written].Clear();
        destination[1] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(destination[HeaderLength..], kept);
        return true;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> value, out int digits, out int weight)
    {
        digits = weight = 0;
        if (value.Length < HeaderLength) return false;
        digits = BinaryPrimitives.ReadUInt16BigEndian(value);
        weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        // Other signs say NaN and the infinities.
        return value.Length == HeaderLength + (digits * DigitLength) && BinaryPrimitives.ReadUInt16BigEndian(value[4..]) is 0 or 0x4000;
    }

    private static ushort Digit(ReadOnlySpan<byte> value, int index) =>
        Math.Min((ushort)9999, BinaryPrimitives.ReadUInt16BigEndian(value[(HeaderLength + (index * DigitLength))..]));
}
