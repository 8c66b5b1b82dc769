using System.Globalization;

namespace Sallyport.Storage;

/// <summary>
/// Times as ISO 8601 texts in UTC of a fixed width: they sort as texts, keep every tick, and can be read with the sqlite3 tool.
/// </summary>
internal static class SqliteText
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public static DateTimeOffset ToTime(string text) =>
        new(DateTime.ParseExact(text, Format, CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal), TimeSpan.Zero);
}
