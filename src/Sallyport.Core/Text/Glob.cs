namespace Sallyport.Core;

/// <summary>
/// A text with <c>*</c> for any run of characters; everything else is literal and case counts. Not a regular expression: matching
/// looks for each literal part once from left to right, so no input makes it backtrack.
/// </summary>
public sealed class Glob
{
    private readonly string[] _parts;

    public Glob(string pattern)
    {
        Text = pattern;
        _parts = pattern.Split('*');
    }

    private Glob(string text, string literal)
    {
        Text = text;
        _parts = [literal];
    }

    public string Text { get; }

    public bool IsLiteral => _parts.Length == 1;

    /// <summary>The text that a literal glob matches.</summary>
    public string Literally => _parts[0];

    /// <summary>Matches every text.</summary>
    public bool IsAny => _parts.Length > 1 && _parts.All(static p => p.Length == 0);

    /// <summary>A glob in which a <c>*</c> is a character as any other.</summary>
    public static Glob Literal(string text) => new(text, text);

    public bool Matches(string text)
    {
        var first = _parts[0];
        if (IsLiteral)
            return string.Equals(text, first, StringComparison.Ordinal);
        var last = _parts[^1];
        if (text.Length < first.Length + last.Length ||
            !text.StartsWith(first, StringComparison.Ordinal) || !text.EndsWith(last, StringComparison.Ordinal))
            return false;
        var rest = text.AsSpan(first.Length, text.Length - first.Length - last.Length);
        foreach (var part in _parts.AsSpan(1, _parts.Length - 2))
        {
            var at = rest.IndexOf(part, StringComparison.Ordinal);
            if (at < 0)
                return false;
            rest = rest[(at + part.Length)..];
        }
        return true;
    }

    public override string ToString() => Text;
}
