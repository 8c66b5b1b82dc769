using System.Globalization;
using System.Text;

namespace Sallyport.Printing;

/// <summary>
/// The one way in which text that came from clients reaches a terminal or a log line. Everything that could move the cursor,
/// reorder or hide text (controls, bidirectional and zero-width characters, separators, lone surrogates) becomes an escape;
/// a backslash is doubled, so that the shown form means exactly one text.
/// </summary>
internal static class SafeText
{
    /// <summary>One line, whatever is in it.</summary>
    public static string Escape(string? text) => Escape(text, keepLines: false);

    /// <summary>Line feeds stay line breaks; everything else as in <see cref="Escape(string?)"/>.</summary>
    public static string EscapeLines(string? text) => Escape(text, keepLines: true);

    /// <summary>One line of at most <paramref name="length"/> characters, with an ellipsis when it was cut.</summary>
    public static string Short(string? text, int length)
    {
        // Escaping makes text only longer, so the part behind the limit never shows and need not be escaped.
        var escaped = Escape(text is { } t && t.Length > length + 1 ? t[..(length + 1)] : text);
        return escaped.Length <= length ? escaped : string.Concat(escaped.AsSpan(0, length - 1), "…");
    }

    private static string Escape(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var output = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                output.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)text[i]:X4}}}");
                i++;
                continue;
            }
            Append(output, rune, keepLines);
            i += rune.Utf16SequenceLength;
        }
        return output.ToString();
    }

    private static void Append(StringBuilder output, Rune rune, bool keepLines)
    {
        switch (rune.Value)
        {
            case '\n' when keepLines:
                output.Append('\n');
                break;
            case '\n':
                output.Append("\\n");
                break;
            case '\r':
                output.Append("\\r");
                break;
            case '\t':
                output.Append("\\t");
                break;
            case 0x1B:
                output.Append("\\e");
                break;
            case '\\':
                output.Append("\\\\");
                break;
            default:
                if (IsVisible(rune))
                    output.Append(rune.ToString());
                else
                    output.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");
                break;
        }
    }

    private static bool IsVisible(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or
            UnicodeCategory.SpaceSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
            UnicodeCategory.OtherNotAssigned => false,
        _ => true,
    };
}
