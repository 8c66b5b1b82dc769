using System.Buffers;
using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>
/// An e-mail address (<see cref="Detectors.Email"/>): the unquoted form of RFC 5321, at most 64 bytes, <c>@</c>, and a domain of two
/// or more labels; letters outside ASCII (RFC 6531) count as letters.
/// </summary>
internal static class EmailAddress
{
    private const int LongestLocal = 64;
    private const int LongestDomain = 255;

    private static readonly SearchValues<byte> LocalBytes = Create("!#$%&'*+-/=?^_`{|}~.");
    private static readonly SearchValues<byte> DomainBytes = Create(".-");

    public static bool TryMatch(ReadOnlySpan<byte> text, int floor, int at, out Range found)
    {
        found = default;
        var before = text[Math.Max(floor, at - LongestLocal)..at];
        var local = before[(before.LastIndexOfAnyExcept(LocalBytes) + 1)..];
        // The limit may have cut a character: its remaining bytes are not the address's.
        while (!local.IsEmpty && (local[0] & 0xC0) == 0x80) local = local[1..];
        local = local.TrimStart("'{=/.|`"u8);
        if (local.IsEmpty) return false;

        var domain = text[(at + 1)..Math.Min(text.Length, at + 1 + LongestDomain)];
        var end = domain.IndexOfAnyExcept(DomainBytes);
        if (end < 0 && domain.Length == LongestDomain) return false;
        if (end >= 0) domain = domain[..end];
        while (!domain.IsEmpty && domain[^1] is (byte)'.' or (byte)'-') domain = domain[..^1];
        var dot = domain.LastIndexOf((byte)'.');
        if (dot < 1 || domain.Length - dot <= 2 || !(Ascii.IsLetter(domain[dot + 1]) || domain[dot + 1] >= 0x80)) return false;
        found = (at - local.Length)..(at + 1 + domain.Length);
        return true;
    }

    private static SearchValues<byte> Create(string punctuation) =>
        SearchValues.Create([.. Enumerable.Range(0, 256).Select(value => (byte)value).Where(value =>
            value >= 0x80 || Ascii.IsLetterOrDigit(value) || punctuation.Contains((char)value, StringComparison.Ordinal))]);
}
