using System.Globalization;
using System.Text;

namespace Sallyport.Core;

/// <summary>
/// The one way in which text that came from clients reaches a terminal or a log line. Everything that could move the cursor,
/// reorder or hide text (controls, bidirectional and zero-width characters, separators, lone surrogates) becomes an escape.
/// </summary>
public static class SafeText
{
    /// <summary>What stays as it is.</summary>
    [Flags]
    private enum Keep : byte
    {
        None = 0,
        LineFeeds = 1,
        Tabs = 2,
        Backslashes = 4,
        Spaces = 8,
    }

    /// <summary>One line, whatever is in it. A backslash is doubled, so that the shown form means exactly one text.</summary>
    public static string Escape(string? text) => Escape(text, Keep.None);

    /// <summary>Line feeds stay line breaks; everything else as in <see cref="Escape(string?)"/>.</summary>
    public static string EscapeLines(string? text) => Escape(text, Keep.LineFeeds);

    /// <summary>
    /// For replays, where SQL and values are to be read as they were: backslashes and wide spaces stay, so an escape may also be the
    /// text's own. With <paramref name="keepLines"/> line feeds and tabs stay too.
    /// </summary>
    public static string Show(string text, bool keepLines = false) =>
        Escape(text, Keep.Backslashes | Keep.Spaces | (keepLines ? Keep.LineFeeds | Keep.Tabs : Keep.None));

    /// <summary>One line of at most <paramref name="length"/> characters, with an ellipsis when it was cut.</summary>
    public static string Short(string? text, int length)
    {
        // Escaping makes text only longer, so the part behind the limit never shows and need not be escaped.
        var escaped = Escape(text is { } t && t.Length > length + 1 ? t[..(length + 1)] : text);
        return escaped.Length <= length ? escaped : string.Concat(escaped.AsSpan(0, length - 1), "…");
    }

    private static string Escape(string? text, Keep keep)
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
            Append(output, rune, keep);
            i += rune.Utf16SequenceLength;
        }
        return output.ToString();
    }

    private static void Append(StringBuilder output, Rune rune, Keep keep)
    {
        switch (rune.Value)
        {
            case '\n' when keep.HasFlag(Keep.LineFeeds):
            case '\t' when keep.HasFlag(Keep.Tabs):
            case '\\' when keep.HasFlag(Keep.Backslashes):
                output.Append((char)rune.Value);
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
                if (IsVisible(rune, keep))
                    output.Append(rune.ToString());
                else
                    output.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");
                break;
        }
    }

    private static bool IsVisible(Rune rune, Keep keep) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.SpaceSeparator => keep.HasFlag(Keep.Spaces),
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or
            UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        _ => true,
    };
}
