using System.Globalization;
using System.Text;

namespace Sallyport.Postgres.Replay;

/// <summary>
/// Makes recorded text fit to be shown: control characters (terminal escapes) and characters that reorder or hide text become
/// visible <c>\u{hex}</c> (threats 68, 83, 90).
/// </summary>
public static class SafeText
{
    /// <summary>Escapes all but plain characters; line breaks stay only when <paramref name="keepLines"/>.</summary>
    public static string Escape(string text, bool keepLines = false)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (keepLines && rune.Value is ('\n' or '\t'))
                safe.Append((char)rune.Value);
            else if (rune.Value == '\n')
                safe.Append("\\n");
            else if (IsHidden(rune))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            else
                safe.Append(rune);
        }
        return safe.ToString();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned;
}
