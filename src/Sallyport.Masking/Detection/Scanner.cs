using System.Buffers;
using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>
/// One pass over the text for all detectors: a vectorised search for the rare byte that each candidate must contain, then a
/// bounded check around it. Every check looks at a bounded number of bytes, or at bytes that no later check looks at again, so
/// hostile text costs linear time.
/// </summary>
internal static class Scanner
{
    /// <summary>Covers an RSA key of 16384 bits in PEM, escaped in JSON. What is longer is found up to this length.</summary>
    public const int LongestFound = 16 * 1024;

    private const Detectors Digits = Detectors.Pan | Detectors.Ssn | Detectors.Iban;

    private static readonly SearchValues<byte>[] Triggers = BuildTriggers();

    public static bool TryFind(Detectors detectors, ReadOnlySpan<byte> text, int start, out Range found)
    {
        var triggers = Triggers[TriggerIndex(detectors)];
        var position = start;
        while (position < text.Length)
        {
            var offset = text[position..].IndexOfAny(triggers);
            if (offset < 0) break;
            position += offset;
            if (TryAt(detectors, text, start, ref position, out found)) return true;
        }

        found = default;
        return false;
    }

    /// <summary>Checks the candidate whose trigger is at <paramref name="position"/>, and moves past the trigger.</summary>
    private static bool TryAt(Detectors detectors, ReadOnlySpan<byte> text, int floor, ref int position, out Range found)
    {
        var at = position++;
        switch (text[at])
        {
            case (byte)'@': return EmailAddress.TryMatch(text, floor, at, out found);
            case (byte)'J': return JsonWebToken.TryMatch(text, floor, at, out found);
            case (byte)'I': return AwsKey.TryMatch(text, floor, at, out found);
            case (byte)'B': return PrivateKey.TryMatch(text, floor, at, out found);
        }

        while (position < text.Length && Ascii.IsDigit(text[position])) position++;
        found = default;
        // A floor inside a run of digits: the number it cuts is not a number of its own.
        if (at > 0 && Ascii.IsDigit(text[at - 1])) return false;
        return ((detectors & Detectors.Iban) != 0 && Iban.TryMatch(text, floor, at, out found))
            || ((detectors & Detectors.Pan) != 0 && CardNumber.TryMatch(text, at, out found))
            || ((detectors & Detectors.Ssn) != 0 && SocialSecurityNumber.TryMatch(text, at, out found));
    }

    private static int TriggerIndex(Detectors detectors) =>
        ((detectors & Digits) != 0 ? 1 : 0)
        | ((detectors & Detectors.Email) != 0 ? 2 : 0)
        | ((detectors & Detectors.Jwt) != 0 ? 4 : 0)
        | ((detectors & Detectors.AwsKey) != 0 ? 8 : 0)
        | ((detectors & Detectors.PrivateKey) != 0 ? 16 : 0);

    private static SearchValues<byte>[] BuildTriggers()
    {
        string[] bytes = ["0123456789", "@", "J", "I", "B"];
        var all = new SearchValues<byte>[1 << bytes.Length];
        for (var set = 0; set < all.Length; set++)
        {
            var chosen = string.Concat(bytes.Where((_, bit) => (set & (1 << bit)) != 0));
            all[set] = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(chosen));
        }

        return all;
    }
}
