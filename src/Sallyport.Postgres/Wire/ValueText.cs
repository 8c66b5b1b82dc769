using System.Text;

namespace Sallyport.Postgres.Wire;

/// <summary>A value as people read it.</summary>
public static class ValueText
{
    public static string TypeName(uint oid) => oid == 0 ? "unknown" : oid.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The value's text; a binary one in hex.</summary>
    public static string Of(uint type, short format, ReadOnlySpan<byte> value) =>
        format == 0 || type is 25 or 1043 ? Encoding.UTF8.GetString(value) : "\\x" + Convert.ToHexStringLower(value);
}
