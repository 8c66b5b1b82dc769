using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sallyport.Ssh.Commands;

/// <summary>The characters and names of the shell that decide whether a line is certain.</summary>
internal static class ShellWords
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@+,=%-");

    /// <summary>
    /// As the name of a command these make something else of the words: reserved words and modifiers of bash, zsh, ksh, fish and csh, and
    /// builtins that run, define or keep what they are given.
    /// </summary>
    private static readonly HashSet<string> Meaningful = new(
        ("if then else elif fi for while until do done case esac in function select time coproc foreach end repeat nocorrect noglob begin "
        + "and or not switch eval exec source . command builtin env alias unalias trap set unset export readonly declare typeset local let "
        + "integer float nameref compound enum return shift break continue hash enable shopt setopt unsetopt bind bindkey complete compgen "
        + "compopt compctl compdef fc hist history r emulate autoload functions zmodload zle zstyle zparseopts sched vared limit unlimit "
        + "print printenv whence which where type abbr block emit status psub argparse setenv unsetenv setty settc glob onintr goto rehash "
        + "unhash nohup @ - login newgrp logout suspend disown jobs fg bg wait global inherit chdir caller").Split(' '),
        StringComparer.Ordinal);

    /// <summary>These compute with words that look like numbers: <c>printf -v 'a[$(id)]'</c> runs <c>id</c>.</summary>
    private static readonly HashSet<string> Computing = new(
        "printf test [ read mapfile readarray getopts exit kill ulimit umask sleep times expr seq cd pushd popd dirs math string"
        .Split(' '),
        StringComparer.Ordinal);

    /// <summary>A character that means itself to every shell, without quotes.</summary>
    public static bool IsPlain(char character) => Plain.Contains(character);

    /// <summary>
    /// A character that means itself between quotes: of ASCII what is printable, beyond it letters, marks, numbers and signs.
    /// </summary>
    public static bool MayBeQuoted(Rune rune, char quote)
    {
        if (rune.IsAscii)
            return rune.Value is >= ' ' and < 0x7F and not ('\\' or '!') && (quote == '\'' || rune.Value is not ('$' or '`'));
        return Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or
            UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
    }

    /// <summary>Why a command with these words is not certain; null when it is.</summary>
    public static string? Objection(IReadOnlyList<string> words)
    {
        var name = words[0];
        if (name.Length == 0)
            return "a command without a name";
        if (name.Contains('=', StringComparison.Ordinal))
            return "an assignment";
        if (name[0] is '-' or '+' or '%' or '@' || Meaningful.Contains(name))
            return $"the shell's own \"{name}\"";
        if (Computing.Contains(name) && words.Skip(1).Any(static w => w.AsSpan().IndexOfAny('[', '$', '`') >= 0 && w != "["))
            return $"a word that \"{name}\" may compute";
        return null;
    }
}
