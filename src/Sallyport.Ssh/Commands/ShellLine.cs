using System.Collections.Immutable;
using System.Text;

namespace Sallyport.Ssh.Commands;

/// <summary>
/// Reads a line as POSIX shells, zsh, fish and csh all read it, or says why it does not know: the fail-closed grammar of what is certain.
/// Words of plain characters, '…' and "…" without anything that a shell could make something of; commands joined by <c>;</c>
/// <c>&amp;&amp;</c> <c>||</c> <c>|</c>. Everything else is opaque: substitutions, globs, redirections, escapes, brackets, comments,
/// assignments, reserved words, controls. Never throws.
/// </summary>
public static class ShellLine
{
    /// <summary>Longer lines are opaque.</summary>
    public const int LongestLine = 32 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The line as text, exactly; null when it is not UTF-8.</summary>
    public static string? Decode(ReadOnlySpan<byte> line)
    {
        try
        {
            return Strict.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The commands of the line, in order, with every word that they get.</summary>
    /// <param name="line">The bytes of an exec request.</param>
    /// <param name="commands">The commands; empty when it is opaque.</param>
    /// <param name="objection">Why it is opaque, in words for people; null when it is not.</param>
    public static bool TryRead(ReadOnlySpan<byte> line, out ImmutableArray<ShellCommand> commands, out string? objection)
    {
        commands = [];
        objection = null;
        if (line.Length > LongestLine)
            objection = $"a line of more than {LongestLine} bytes";
        else if (Decode(line) is not { } text)
            objection = "bytes that are not UTF-8";
        else
            new Reading(text).Run(out commands, out objection);
        return objection is null;
    }

    private ref struct Reading(string text)
    {
        private readonly ImmutableArray<ShellCommand>.Builder _commands = ImmutableArray.CreateBuilder<ShellCommand>();
        private readonly StringBuilder _word = new();
        private readonly string _text = text;
        private List<string> _words = [];
        private int _at;

        public void Run(out ImmutableArray<ShellCommand> commands, out string? objection)
        {
            objection = Read();
            commands = objection is null ? _commands.ToImmutable() : [];
        }

        private string? Read()
        {
            while (true)
            {
                while (_at < _text.Length && _text[_at] is ' ' or '\t')
                    _at++;
                if (_at == _text.Length)
                    return EndCommand("") ?? (_commands.Count == 0 ? "no command" : null);
                if (_text[_at] is ';' or '&' or '|')
                {
                    if (ReadJoint() is { } objection)
                        return objection;
                }
                else if (ReadWord() is { } objection)
                    return objection;
            }
        }

        private string? ReadJoint()
        {
            var start = _at;
            while (_at < _text.Length && _text[_at] is ';' or '&' or '|')
                _at++;
            var joint = _text[start.._at];
            return joint is ";" or "&&" or "||" or "|" ? EndCommand(joint) : $"the operator \"{joint}\"";
        }

        /// <param name="joint">What follows the command; empty at the end.</param>
        private string? EndCommand(string joint)
        {
            if (_words.Count == 0)
            {
                // A last ; is the end of a command.
                var isEnded = joint.Length == 0 && _text.AsSpan().TrimEnd(" \t") is [.., ';'];
                return isEnded || (joint.Length == 0 && _commands.Count == 0) ? null : "a command without words";
            }
            if (ShellWords.Objection(_words) is { } objection)
                return objection;
            _commands.Add(ArgumentReader.Recognise([.. _words]));
            _words = [];
            return null;
        }

        private string? ReadWord()
        {
            _word.Clear();
            while (_at < _text.Length && _text[_at] is not (' ' or '\t' or ';' or '&' or '|'))
            {
                var character = _text[_at];
                if (character is '\'' or '"')
                {
                    if (ReadQuoted(character) is { } objection)
                        return objection;
                    continue;
                }
                if (!ShellWords.IsPlain(character))
                    return $"the character {Spell(_at)}";
                // Zsh looks for a program behind a first =, behind empty quotes too; % names jobs.
                if (character is '=' or '%' && _word.Length == 0)
                    return $"the character '{character}' at the beginning of a word";
                _word.Append(character);
                _at++;
            }
            _words.Add(_word.ToString());
            return null;
        }

        private string? ReadQuoted(char quote)
        {
            for (_at++; _at < _text.Length && _text[_at] != quote;)
            {
                var rune = Rune.GetRuneAt(_text, _at);
                if (!ShellWords.MayBeQuoted(rune, quote))
                    return $"the character {Spell(_at)} in quotes";
                _word.Append(rune.ToString());
                _at += rune.Utf16SequenceLength;
            }
            if (_at == _text.Length)
                return "a quote that does not end";
            _at++;
            return null;
        }

        private readonly string Spell(int at) => $"'{SafeText.Show(Rune.GetRuneAt(_text, at).ToString())}'";
    }
}
