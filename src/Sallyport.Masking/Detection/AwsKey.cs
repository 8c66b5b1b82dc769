using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>An AWS access key id (<see cref="Detectors.AwsKey"/>): <c>AKIA</c> or <c>ASIA</c> and 16 letters of base 32.</summary>
internal static class AwsKey
{
    private const int Length = 20;

    /// <param name="text">The text.</param>
    /// <param name="floor">Where what is found may begin at the earliest.</param>
    /// <param name="at">The <c>I</c> of the prefix.</param>
    /// <param name="found">The key id.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, int floor, int at, out Range found)
    {
        found = default;
        var start = at - 2;
        if (start < floor || text.Length - start < Length) return false;
        var key = text.Slice(start, Length);
        if (key[0] != 'A' || key[1] is not ((byte)'K' or (byte)'S') || key[3] != 'A') return false;
        foreach (var letter in key[4..])
        {
            if (!Ascii.IsUpper(letter) && letter is < (byte)'2' or > (byte)'7') return false;
        }

        var end = start + Length;
        if (start > 0 && (Ascii.IsUpper(text[start - 1]) || Ascii.IsDigit(text[start - 1]))) return false;
        if (end < text.Length && Ascii.IsLetterOrDigit(text[end])) return false;
        found = start..end;
        return true;
    }
}
