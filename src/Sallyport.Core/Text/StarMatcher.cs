namespace Sallyport.Core;

/// <summary>
/// A text with <c>*</c> for any run of characters without <c>/</c> and <c>**</c> for any run; everything else is literal and case counts.
/// Read once from left to right with all its possible places at a time, so no input makes it backtrack. Immutable.
/// </summary>
internal sealed class StarMatcher
{
    private const char Star = '\uFFFE';
    private const char DoubleStar = '\uFFFF';
    private readonly string _tokens;
    private readonly bool _belowToo;

    /// <param name="pattern">The text.</param>
    /// <param name="isStar">Whether the <c>*</c> at that place is one; null: all are.</param>
    /// <param name="belowToo">A last <c>/**</c> stands for the directory before it too.</param>
    public StarMatcher(ReadOnlySpan<char> pattern, Func<int, bool>? isStar = null, bool belowToo = false)
    {
        if (belowToo && pattern.EndsWith("/**"))
        {
            _belowToo = true;
            pattern = pattern[..^3];
        }
        var tokens = new System.Text.StringBuilder(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '*' || isStar?.Invoke(i) == false)
            {
                // The marks themselves are no characters of Unicode; one in a pattern is a character that no text has.
                tokens.Append(pattern[i] is Star or DoubleStar ? '\uFFFD' : pattern[i]);
                continue;
            }
            var isDouble = i + 1 < pattern.Length && pattern[i + 1] == '*' && isStar?.Invoke(i + 1) != false;
            tokens.Append(isDouble ? DoubleStar : Star);
            if (isDouble)
                i++;
        }
        _tokens = tokens.ToString();
    }

    /// <summary>There is no star in it: it is one text.</summary>
    public bool IsLiteral => !_belowToo && _tokens.AsSpan().IndexOfAny(Star, DoubleStar) < 0;

    /// <summary>With a text it also matches whatever continues it below a <c>/</c>.</summary>
    public bool TakesAllBelow => _belowToo || (_tokens.Length > 0 && _tokens[^1] == DoubleStar);

    public bool Matches(ReadOnlySpan<char> text) => Run(text, extends: false);

    /// <summary>Whether a text that begins with this one could match.</summary>
    public bool MatchesSomeContinuationOf(ReadOnlySpan<char> text) => Run(text, extends: true);

    private bool Run(ReadOnlySpan<char> text, bool extends)
    {
        const int OnStack = 512;
        // One place before each token, one at the end, one below it.
        var size = _tokens.Length + 2;
        Span<bool> now = size <= OnStack ? stackalloc bool[OnStack] : new bool[size];
        Span<bool> next = size <= OnStack ? stackalloc bool[OnStack] : new bool[size];
        now = now[..size];
        next = next[..size];
        now.Clear();
        now[0] = true;
        SkipStars(now);
        foreach (var character in text)
        {
            next.Clear();
            var any = false;
            for (var at = 0; at < size; at++)
            {
                if (now[at] && Step(at, character) is >= 0 and var to)
                    any = next[to] = true;
            }
            if (!any)
                return false;
            SkipStars(next);
            var last = now;
            now = next;
            next = last;
        }
        return extends || now[_tokens.Length] || now[_tokens.Length + 1];
    }

    private int Step(int at, char character)
    {
        if (at == _tokens.Length + 1)
            return at;
        if (at == _tokens.Length)
            return _belowToo && character == '/' ? at + 1 : -1;
        return _tokens[at] switch
        {
            DoubleStar => at,
            Star => character == '/' ? -1 : at,
            var literal => literal == character ? at + 1 : -1,
        };
    }

    /// <summary>A star may stand for nothing.</summary>
    private void SkipStars(Span<bool> places)
    {
        for (var at = 0; at < _tokens.Length; at++)
        {
            if (places[at] && _tokens[at] is Star or DoubleStar)
                places[at + 1] |= places[at];
        }
    }
}
