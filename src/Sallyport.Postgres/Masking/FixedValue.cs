using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sallyport.Postgres.Masking;

/// <summary>Turns the value of a <c>fixed:</c> mask into a value of the column's type, once, when the plan is made.</summary>
internal static class FixedValue
{
    private const int LongestName = 63;

    /// <summary>Null when the value does not fit the type: the column is then redacted.</summary>
    public static byte[]? Encode(string value, TypeShape shape, short format)
    {
        var text = Encoding.UTF8.GetBytes(value);
        return shape switch
        {
            _ when text.Contains((byte)0) => null,
            TypeShape.Text => text,
            TypeShape.Name => text.Length <= LongestName ? text : null,
            TypeShape.Json => IsJson(text) ? text : null,
            TypeShape.Jsonb when IsJson(text) => format == 0 ? text : [1, .. text],
            TypeShape.Bool when bool.TryParse(value, out var flag) => format == 0 ? (flag ? "t"u8 : "f"u8).ToArray() : [flag ? (byte)1 : (byte)0],
            TypeShape.Int2 when short.TryParse(value, CultureInfo.InvariantCulture, out var number) => Integer(number, 2, format),
            TypeShape.Int4 when int.TryParse(value, CultureInfo.InvariantCulture, out var number) => Integer(number, 4, format),
            TypeShape.Int8 when long.TryParse(value, CultureInfo.InvariantCulture, out var number) => Integer(number, 8, format),
            TypeShape.Uuid when Guid.TryParseExact(value, "D", out var id) => format == 0 ? text : id.ToByteArray(bigEndian: true),
            TypeShape.Date when DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) =>
                format == 0 ? text : Integer(date.DayNumber - new DateOnly(2000, 1, 1).DayNumber, 4, format),
            _ => null,
        };
    }

    private static byte[] Integer(long number, int size, short format)
    {
        if (format == 0) return Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes[^size..];
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
