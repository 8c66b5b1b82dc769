namespace Sallyport.Postgres.Masking;

/// <summary>Overwrites what a detector found, byte for byte, so that the value around it stays valid.</summary>
internal static class Blot
{
    /// <summary>Returns where to look on: behind what was found, or at the quote that ended the string it stands in.</summary>
    public static int Out(FieldContent content, Span<byte> text, Range found)
    {
        var (start, length) = found.GetOffsetAndLength(text.Length);
        var end = start + length;
        switch (content)
        {
            case FieldContent.Digits:
                FillDigits(text[start..end], (byte)'0');
                return end;
            case FieldContent.Json or FieldContent.Quoted:
                return OutOfString(content, text, start, end);
            default:
                text[start..end].Fill((byte)'*');
                return end;
        }
    }

    private static int OutOfString(FieldContent content, Span<byte> text, int start, int end)
    {
        // A bare number of JSON must stay one, and may not begin with 0. Right behind a quote it can only be in a string.
        var digits = !text[start..end].ContainsAnyExceptInRange((byte)'0', (byte)'9');
        if (content == FieldContent.Json && digits && (start == 0 || text[start - 1] != '"'))
        {
            text[start..end].Fill((byte)'1');
            return end;
        }

        var escapeEnd = EscapeEnd(text, start);
        for (var i = escapeEnd; i < end; i++)
        {
            if (text[i] == '"') return i;
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                // Both bytes of an escape go. One that is cut by the end loses its backslash, and its letter stays as a letter,
                // unless it is a quote or a backslash, which must not come to stand alone.
                text[i++] = (byte)'*';
                if (i < end || text[i] is (byte)'"' or (byte)'\\') text[i] = (byte)'*';
                continue;
            }

            text[i] = (byte)'*';
        }

        return Math.Max(end, escapeEnd);
    }

    /// <summary>Where the escape ends whose inside a finding begins in (<c>\njoe@…</c> seems to begin with n); else the start.</summary>
    private static int EscapeEnd(ReadOnlySpan<byte> text, int start)
    {
        const int unicodeEscape = 6;
        for (var back = 1; back < unicodeEscape && start - back >= 0; back++)
        {
            if (text[start - back] != '\\') continue;
            var run = 0;
            while (start - back - run >= 0 && text[start - back - run] == '\\') run++;
            if (run % 2 == 0) return start;
            if (text[start - back + 1] == 'u') return Math.Min(text.Length, start - back + unicodeEscape);
            return back == 1 ? start + 1 : start;
        }

        return start;
    }

    private static void FillDigits(Span<byte> text, byte digit)
    {
        foreach (ref var value in text)
        {
            if ((uint)(value - '0') <= 9) value = digit;
        }
    }
}
