using System.Buffers;
using System.Text;

namespace Sallyport.Masking;

/// <summary>The masks that leave a part of a value, and the constant that leaves none. No output is longer than needed to say it.</summary>
internal static class PartialMask
{
    private const int Visible = 4;
    private const int LongestDomain = 255;

    private static readonly SearchValues<byte> DomainBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"u8);

    public static void WriteRedacted(IBufferWriter<byte> output) => output.Write("[redacted]"u8);

    public static void WriteFixed(string? value, IBufferWriter<byte> output)
    {
        if (string.IsNullOrEmpty(value)) return;
        var destination = output.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length));
        output.Advance(Encoding.UTF8.GetBytes(value, destination));
    }

    /// <summary>A value of four letters and digits or fewer would stay whole, so none of it stays.</summary>
    public static void WriteLast4(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        var isAscii = Ascii.IsValid(value);
        var letters = isAscii ? CountAsciiLetters(value) : CountLetters(value);
        var hidden = letters <= Visible ? letters : letters - Visible;
        var destination = output.GetSpan(Math.Max(1, value.Length));
        if (isAscii)
        {
            for (var i = 0; i < value.Length; i++)
                destination[i] = hidden > 0 && char.IsAsciiLetterOrDigit((char)value[i]) && hidden-- > 0 ? (byte)'*' : value[i];
            output.Advance(value.Length);
            return;
        }

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

        output.Advance(written);
    }

    /// <summary>What does not end in <c>@</c> and a plausible domain is redacted: the mask must not show what it does not know.</summary>
    public static void WriteEmail(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        var at = value.LastIndexOf((byte)'@');
        if (at < 1 || !IsDomain(value[(at + 1)..]))
        {
            WriteRedacted(output);
            return;
        }

        var first = NextCharacter(value, out var isLetter);
        // A one-character local part would stay whole.
        output.Write(isLetter && first < at ? value[..first] : "*"u8);
        output.Write("***"u8);
        output.Write(value[at..]);
    }

    private static bool IsDomain(ReadOnlySpan<byte> domain) =>
        domain.Length is >= 3 and <= LongestDomain
        && !domain.ContainsAnyExcept(DomainBytes)
        && domain[1..].Contains((byte)'.')
        && char.IsAsciiLetter((char)domain[^1]);

    private static int CountAsciiLetters(ReadOnlySpan<byte> value)
    {
        var count = 0;
        foreach (var character in value)
            count += char.IsAsciiLetterOrDigit((char)character) ? 1 : 0;
        return count;
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
}
