using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sallyport.Postgres.Replay;

/// <summary>
/// numeric in binary format (numeric_send): i16 count of base-10000 digits, i16 weight of the first, u16 sign, u16 digits shown behind
/// the point, the digits.
/// </summary>
internal static class NumericValue
{
    private const int MaxScale = 16_383;

    public static string? ToText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8)
            return null;
        var count = BinaryPrimitives.ReadInt16BigEndian(bytes);
        int weight = BinaryPrimitives.ReadInt16BigEndian(bytes[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        var scale = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        switch (sign)
        {
            case 0xC000:
                return "NaN";
            case 0xD000:
                return "Infinity";
            case 0xF000:
                return "-Infinity";
        }
        if (count < 0 || bytes.Length != 8 + 2 * count || scale > MaxScale)
            return null;
        var text = new StringBuilder(sign == 0x4000 ? "-" : "");
        for (var i = 0; i <= Math.Max(weight, 0); i++)
            text.Append(DigitAt(bytes, weight < 0 ? -1 : i, count).ToString(i == 0 ? "D" : "D4", CultureInfo.InvariantCulture));
        if (scale == 0)
            return text.ToString();
        text.Append('.');
        var end = text.Length + scale;
        for (var place = weight + 1 > 0 ? weight + 1 : 0; text.Length < end; place++)
            text.Append(DigitAt(bytes, weight < 0 ? place + weight + 1 : place, count).ToString("D4", CultureInfo.InvariantCulture));
        text.Length = end;
        return text.ToString();
    }

    private static int DigitAt(ReadOnlySpan<byte> bytes, int index, int count) =>
        index >= 0 && index < count ? BinaryPrimitives.ReadInt16BigEndian(bytes[(8 + 2 * index)..]) : 0;
}
