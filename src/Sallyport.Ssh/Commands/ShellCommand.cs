using System.Collections.Immutable;
using System.Text;

namespace Sallyport.Ssh.Commands;

/// <summary>What a command is to the gateway.</summary>
public enum CommandUse : byte
{
    /// <summary>A command as any other.</summary>
    Other,
    Scp,
    Rsync,
    Git,

    /// <summary>An SFTP server that is asked for as a command.</summary>
    Sftp,
}

/// <summary>One command of a line: the words that any shell will give the program, its name first.</summary>
public sealed record ShellCommand(ImmutableArray<string> Words)
{
    /// <summary>What it is to the gateway.</summary>
    public CommandUse Use { get; init; }

    public string Name => Words[0];

    /// <summary>The words with single quotes where they need them: unambiguous, for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var word in Words)
        {
            if (text.Length > 0)
                text.Append(' ');
            if (word.Length > 0 && word.All(ShellWords.IsPlain))
                text.Append(word);
            else
                text.Append('\'').Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }
        return text.ToString();
    }
}
