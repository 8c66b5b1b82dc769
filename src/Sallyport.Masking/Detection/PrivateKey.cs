using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>
/// A private key in PEM (<see cref="Detectors.PrivateKey"/>, RFC 7468; also OpenSSH's and OpenPGP's labels): from its BEGIN line
/// to its END line. Without an END line all that follows is taken: half a key must not pass because it was cut.
/// </summary>
internal static class PrivateKey
{
    private const int LongestLabel = 48;

    /// <param name="text">The text.</param>
    /// <param name="floor">Where what is found may begin at the earliest.</param>
    /// <param name="at">The <c>B</c> of <c>BEGIN</c>.</param>
    /// <param name="found">The key, at most <see cref="Scanner.LongestFound"/> bytes of it.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, int floor, int at, out Range found)
    {
        found = default;
        var start = at - 5;
        if (start < floor || !text[start..].StartsWith("-----BEGIN "u8)) return false;
        var label = text[(start + 11)..];
        label = label[..Math.Min(label.Length, LongestLabel)];
        var labelEnd = label.IndexOf("-----"u8);
        if (labelEnd < 0 || label[..labelEnd].IndexOf("PRIVATE KEY"u8) < 0) return false;

        var window = text[start..Math.Min(text.Length, start + Scanner.LongestFound)];
        var length = window.Length;
        var footer = window.IndexOf("-----END "u8);
        if (footer >= 0)
        {
            var footerLabel = window[(footer + 9)..];
            var close = footerLabel[..Math.Min(footerLabel.Length, LongestLabel)].IndexOf("-----"u8);
            if (close >= 0) length = footer + 9 + close + 5;
        }

        while (start + length < text.Length && (text[start + length] & 0xC0) == 0x80) length--;
        found = start..(start + length);
        return true;
    }
}
