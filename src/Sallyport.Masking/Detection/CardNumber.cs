using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>
/// A payment card number (<see cref="Detectors.Pan"/>): 13 to 19 digits, plain or in groups of three or more joined by single
/// spaces or dashes, whose first digits belong to an issuer (ISO/IEC 7812), whose length that issuer uses, and whose Luhn
/// check digit is right. Letters may touch it: JSON writes <c>\n4111…</c>, and text writes <c>card4111…</c>.
/// </summary>
internal static class CardNumber
{
    private const int Shortest = 13;
    private const int Longest = 19;
    private const int ShortestGroup = 3;

    public static bool TryMatch(ReadOnlySpan<byte> text, int at, out Range found)
    {
        Span<byte> digits = stackalloc byte[Longest];
        var count = 0;
        var group = 0;
        var end = 0;
        var issuer = default(Issuer);
        for (var i = at; i < text.Length; i++)
        {
            if (Ascii.IsDigit(text[i]))
            {
                // What ended before this group stands.
                if (count == Longest) break;
                digits[count++] = (byte)(text[i] - '0');
                group++;
                if (count == 6 && !Issuer.TryFind(digits, out issuer)) break;
                var groupEnds = i + 1 == text.Length || !Ascii.IsDigit(text[i + 1]);
                if (!groupEnds) continue;
                if (group < ShortestGroup) break;
                if (count >= Shortest && issuer.Uses(count) && Luhn(digits[..count])) end = i + 1;
                continue;
            }

            if (text[i] is not ((byte)' ' or (byte)'-') || i + 1 == text.Length || !Ascii.IsDigit(text[i + 1])) break;
            group = 0;
        }

        found = at..end;
        return end > 0;
    }

    private static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)];
            if ((i & 1) == 1 && (digit *= 2) > 9) digit -= 9;
            sum += digit;
        }

        return sum % 10 == 0;
    }
}
