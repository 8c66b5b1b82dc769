using System.Collections.Immutable;
using System.Text;

namespace Sallyport.Core;

/// <summary>
/// A pattern for a command, word by word: <c>systemctl status *</c>. Words are parted by spaces; what stands in single quotes is literal
/// (<c>git log '--format=%h %s'</c>). In a word <c>*</c> stands for any run of characters without <c>/</c> and <c>**</c> for any run; a
/// word <c>*</c> alone is any one word, and as the last word one or more. Except for such a word, no star fits a word that has <c>..</c>
/// as a part of a path: <c>cat /var/log/**</c> is not <c>cat /var/log/../../etc/shadow</c>. Names are compared as they are written:
/// <c>ls</c> is not <c>/bin/ls</c>. Immutable.
/// </summary>
public sealed class CommandPattern
{
    private readonly ImmutableArray<StarMatcher?> _words;

    private CommandPattern(string text, ImmutableArray<StarMatcher?> words) => (Text, _words) = (text, words);

    public string Text { get; }

    /// <summary>Null when there is no word in it or a quote is not closed.</summary>
    public static CommandPattern? Parse(string text)
    {
        var words = ImmutableArray.CreateBuilder<StarMatcher?>();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == ' ')
                i++;
            else if (!TryReadWord(text, ref i, out var word))
                return null;
            else
                words.Add(word);
        }
        return words.Count == 0 ? null : new CommandPattern(text, words.ToImmutable());
    }

    public bool Matches(ImmutableArray<string> words)
    {
        var isOpen = _words[^1] is null;
        if (words.Length < _words.Length || (words.Length > _words.Length && !isOpen))
            return false;
        for (var i = 0; i < _words.Length; i++)
        {
            if (_words[i] is { } word && !Fits(word, words[i]))
                return false;
        }
        return true;
    }

    public override string ToString() => Text;

    private static bool Fits(StarMatcher pattern, string word) => pattern.Matches(word) && (pattern.IsLiteral || !Climbs(word));

    private static bool Climbs(string word)
    {
        foreach (var part in word.AsSpan().Split('/'))
        {
            if (word.AsSpan()[part] is "..")
                return true;
        }
        return false;
    }

    /// <summary>Null is the word <c>*</c>.</summary>
    private static bool TryReadWord(string text, ref int i, out StarMatcher? word)
    {
        word = null;
        var read = new StringBuilder();
        var stars = new HashSet<int>();
        var isQuoted = false;
        for (; i < text.Length && (isQuoted || text[i] != ' '); i++)
        {
            if (text[i] == '\'')
            {
                isQuoted = !isQuoted;
                continue;
            }
            if (text[i] == '*' && !isQuoted)
                stars.Add(read.Length);
            read.Append(text[i]);
        }
        if (isQuoted)
            return false;
        var characters = read.ToString();
        if (characters != "*" || stars.Count == 0)
            word = new StarMatcher(characters, stars.Contains);
        return true;
    }
}
