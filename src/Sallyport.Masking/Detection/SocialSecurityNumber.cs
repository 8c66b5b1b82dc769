using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>
/// A United States social security number (<see cref="Detectors.Ssn"/>) in its written form, <c>123-45-6789</c>, with dashes or
/// spaces. Area 000, 666 and 900 to 999, group 00 and serial 0000 are never issued. Nine bare digits are too common to be taken.
/// </summary>
internal static class SocialSecurityNumber
{
    private const int Length = 11;

    public static bool TryMatch(ReadOnlySpan<byte> text, int at, out Range found)
    {
        found = at..Math.Min(text.Length, at + Length);
        if (text.Length - at < Length) return false;
        var value = text.Slice(at, Length);
        var separator = value[3];
        if (separator is not ((byte)'-' or (byte)' ') || value[6] != separator) return false;
        if (!TryNumber(value[..3], out var area) || area is 0 or 666 or >= 900) return false;
        if (!TryNumber(value[4..6], out var group) || group == 0) return false;
        if (!TryNumber(value[7..], out var serial) || serial == 0) return false;
        return !Continues(text, at, separator);
    }

    /// <summary>Part of a longer number (123-45-6789-01, 1-123-45-6789).</summary>
    private static bool Continues(ReadOnlySpan<byte> text, int at, byte separator)
    {
        var after = at + Length;
        if (after < text.Length && Ascii.IsDigit(text[after])) return true;
        if (separator != '-') return false;
        return (after + 1 < text.Length && text[after] == '-' && Ascii.IsDigit(text[after + 1]))
            || (at > 1 && text[at - 1] == '-' && Ascii.IsDigit(text[at - 2]));
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!Ascii.IsDigit(digit)) return false;
            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}
