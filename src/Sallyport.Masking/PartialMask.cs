using System.Buffers;
using System.Text;

namespace Sallyport.Masking;

/// <summary>
/// The masks that leave a part of a value, and the constant that leaves none. Each returns how many bytes it wrote: no more than are
/// needed to say it.
/// </summary>
internal static class PartialMask
{
    private const int Visible = 4;
    private const int LongestDomain = 255;

    private static readonly SearchValues<byte> DomainBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"u8);

    // What stands for each byte of ASCII where letters and digits are hidden.
    private static readonly byte[] Hidden =
        [.. Enumerable.Range(0, 256).Select(static value => char.IsAsciiLetterOrDigit((char)value) ? (byte)'*' : (byte)value)];

    public static int WriteRedacted(Span<byte> destination) => Put("[redacted]"u8, destination);

    public static int WriteFixed(string? value, Span<byte> destination) => Encoding.UTF8.GetBytes(value ?? "", destination);

    /// <summary>A value of four letters and digits or fewer would stay whole, so none of it stays.</summary>
    public static int WriteLast4(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        if (System.Text.Ascii.IsValid(value))
        {
            WriteAsciiLast4(value, destination[..value.Length]);
            return value.Length;
        }

        var letters = CountLetters(value);
        var hidden = letters <= Visible ? letters : letters - Visible;
        var written = 0;
        while (!value.IsEmpty)
        {
            var size = NextCharacter(value, out var isLetter);
            if (isLetter && hidden > 0)
            {
                hidden--;
                destination[written++] = (byte)'*';
            }
            else
            {
                value[..size].CopyTo(destination[written..]);
                written += size;
            }

            value = value[size..];
        }

        return written;
    }

    /// <summary>What does not end in <c>@</c> and a plausible domain is redacted: the mask must not show what it does not know.</summary>
    public static int WriteEmail(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        var at = value.LastIndexOf((byte)'@');
        if (at < 1 || !IsDomain(value[(at + 1)..])) return WriteRedacted(destination);

        var first = NextCharacter(value, out var isLetter);
        // A one-character local part would stay whole.
        var written = Put(isLetter && first < at ? value[..first] : "*"u8, destination);
        written += Put("***"u8, destination[written..]);
        return written + Put(value[at..], destination[written..]);
    }

    private static bool IsDomain(ReadOnlySpan<byte> domain) =>
        domain.Length is >= 3 and <= LongestDomain
        && !domain.ContainsAnyExcept(DomainBytes)
        && domain[1..].Contains((byte)'.')
        && char.IsAsciiLetter((char)domain[^1]);

    private static void WriteAsciiLast4(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        value.CopyTo(destination);
        ReadOnlySpan<byte> hidden = Hidden;
        var kept = value.Length;
        for (var visible = 0; kept > 0 && visible < Visible;)
        {
            kept--;
            visible += hidden[value[kept]] != value[kept] ? 1 : 0;
        }

        var changed = 0;
        for (var i = 0; i < kept; i++)
        {
            destination[i] = hidden[value[i]];
            changed |= destination[i] ^ value[i];
        }

        if (changed != 0) return;
        for (var i = kept; i < value.Length; i++) destination[i] = hidden[value[i]];
    }

    private static int CountLetters(ReadOnlySpan<byte> value)
    {
        var count = 0;
        while (!value.IsEmpty)
        {
            var size = NextCharacter(value, out var isLetter);
            if (isLetter) count++;
            value = value[size..];
        }

        return count;
    }

    /// <summary>The size in bytes of the first character. All that is not ASCII counts as a letter, so that it is hidden.</summary>
    private static int NextCharacter(ReadOnlySpan<byte> value, out bool isLetter)
    {
        if (value[0] < 0x80)
        {
            isLetter = char.IsAsciiLetterOrDigit((char)value[0]);
            return 1;
        }

        isLetter = true;
        return Rune.DecodeFromUtf8(value, out _, out var size) == OperationStatus.Done ? size : 1;
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        bytes.CopyTo(destination);
        return bytes.Length;
    }
}
