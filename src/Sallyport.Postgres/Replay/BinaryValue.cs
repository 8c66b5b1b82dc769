using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sallyport.Postgres.Replay;

/// <summary>
/// Values in PostgreSQL's text and binary formats as text (src/backend/utils/adt: each type's <c>send</c> function). A type it does
/// not know, or bytes that are not of the type, come out as <c>\x</c> and hex.
/// </summary>
internal static class BinaryValue
{
    private const long MicrosecondsToTicks = 10;
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly Encoding Strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

    public static string ToText(uint type, bool isBinary, ReadOnlySpan<byte> bytes)
    {
        if (!isBinary)
            return TextOrHex(bytes);
        return type switch
        {
            16 when bytes.Length == 1 => bytes[0] != 0 ? "t" : "f",
            17 => Hex(bytes),
            18 or 19 or 25 or 114 or 705 or 1042 or 1043 => TextOrHex(bytes),
            20 when bytes.Length == 8 => Number(BinaryPrimitives.ReadInt64BigEndian(bytes)),
            21 when bytes.Length == 2 => Number(BinaryPrimitives.ReadInt16BigEndian(bytes)),
            23 when bytes.Length == 4 => Number(BinaryPrimitives.ReadInt32BigEndian(bytes)),
            26 when bytes.Length == 4 => Number(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
            700 when bytes.Length == 4 => BinaryPrimitives.ReadSingleBigEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
            701 when bytes.Length == 8 => BinaryPrimitives.ReadDoubleBigEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
            1082 when bytes.Length == 4 => Date(BinaryPrimitives.ReadInt32BigEndian(bytes)) ?? Hex(bytes),
            1114 when bytes.Length == 8 => Timestamp(BinaryPrimitives.ReadInt64BigEndian(bytes), "") ?? Hex(bytes),
            1184 when bytes.Length == 8 => Timestamp(BinaryPrimitives.ReadInt64BigEndian(bytes), "+00") ?? Hex(bytes),
            1700 => NumericValue.ToText(bytes) ?? Hex(bytes),
            2950 when bytes.Length == 16 => new Guid(bytes, bigEndian: true).ToString(),
            3802 when bytes.Length > 1 && bytes[0] == 1 => TextOrHex(bytes[1..]),
            _ => Hex(bytes),
        };
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => @"\x" + Convert.ToHexStringLower(bytes);

    private static string Number<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static string TextOrHex(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Hex(bytes);
        }
    }

    private static string? Date(int days) => days switch
    {
        int.MaxValue => "infinity",
        int.MinValue => "-infinity",
        > (int)(long.MaxValue / TimeSpan.TicksPerDay) or < (int)(long.MinValue / TimeSpan.TicksPerDay) => null,
        _ => InRange(days * TimeSpan.TicksPerDay) is { } at ? at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
    };

    private static string? Timestamp(long microseconds, string zone) => microseconds switch
    {
        long.MaxValue => "infinity",
        long.MinValue => "-infinity",
        > long.MaxValue / MicrosecondsToTicks or < long.MinValue / MicrosecondsToTicks => null,
        _ => InRange(microseconds * MicrosecondsToTicks) is { } at
            ? at.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + zone
            : null,
    };

    private static DateTime? InRange(long ticks) =>
        ticks >= DateTime.MinValue.Ticks - Epoch.Ticks && ticks <= DateTime.MaxValue.Ticks - Epoch.Ticks ? Epoch.AddTicks(ticks) : null;
}
