using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>
/// A JSON web token (<see cref="Detectors.Jwt"/>, RFC 7519): base64url parts joined by dots, the first of which begins as a JSON
/// object with a name does (<c>eyJ</c>). A signature may be missing (<c>alg: none</c>); five parts (RFC 7516) are taken whole.
/// </summary>
internal static class JsonWebToken
{
    private const int ShortestPart = 8;
    private const int MostParts = 5;

    /// <param name="text">The text.</param>
    /// <param name="floor">Where what is found may begin at the earliest.</param>
    /// <param name="at">The <c>J</c> of <c>eyJ</c>.</param>
    /// <param name="found">The token.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, int floor, int at, out Range found)
    {
        found = default;
        var start = at - 2;
        // The word boundary lets each run of base64url be looked at once only, whatever is in it.
        if (start < floor || text[start] != 'e' || text[start + 1] != 'y' || !Ascii.WordBegins(text, start)) return false;

        var window = text[start..Math.Min(text.Length, start + Scanner.LongestFound)];
        var end = PartEnd(window, 0);
        if (end < ShortestPart || end == window.Length || window[end] != '.') return false;
        var payloadEnd = PartEnd(window, end + 1);
        if (payloadEnd - end <= 2) return false;
        end = payloadEnd;
        for (var parts = 2; parts < MostParts && end < window.Length && window[end] == '.'; parts++) end = PartEnd(window, end + 1);
        found = start..(start + end);
        return true;
    }

    private static int PartEnd(ReadOnlySpan<byte> window, int position)
    {
        while (position < window.Length && Ascii.IsBase64Url(window[position])) position++;
        return position;
    }
}
