namespace Sallyport.Masking.Detection;

/// <summary>Byte classes of the detectors.</summary>
internal static class Ascii
{
    public static bool IsDigit(byte value) => (uint)(value - '0') <= 9;

    public static bool IsUpper(byte value) => (uint)(value - 'A') <= 25;

    public static bool IsLetter(byte value) => (uint)((value | 0x20) - 'a') <= 25;

    public static bool IsLetterOrDigit(byte value) => IsDigit(value) || IsLetter(value);

    public static bool IsBase64Url(byte value) => IsLetterOrDigit(value) || value is (byte)'-' or (byte)'_';

    /// <summary>
    /// True when a word may begin at <paramref name="at"/>: what precedes is no letter or digit, or is one as the last letter of
    /// an escape (<c>\n</c>), as in JSON.
    /// </summary>
    public static bool WordBegins(ReadOnlySpan<byte> text, int at) =>
        at == 0
        || !IsBase64Url(text[at - 1])
        || (at > 1 && text[at - 2] == '\\' && text[at - 1] is (byte)'n' or (byte)'r' or (byte)'t');
}
