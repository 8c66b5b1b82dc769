using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Commands;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// Exec lines. What is taken as certain has the words that a plain walk finds, and nothing in it that a shell could make something of; all
/// else is opaque.
/// </summary>
internal sealed class ShellLineTarget : IFuzzTarget
{
    public string Name => "shell";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [.. "ls -l /tmp; systemctl status nginx && echo 'a b' | grep -c \"it's\""u8], [.. "scp -r -p -t /srv/up"u8],
        [.. "rsync --server --sender -vlogDtpre.iLsfxCIvu . /srv/x/"u8], [.. "git-upload-pack '/srv/git/a.git'"u8],
        [.. "/usr/lib/openssh/sftp-server"u8], [.. "cu\"\"rl 'größe' =x"u8], [.. "printf -v 'a[$(id)]' x"u8],
    ];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. "; && || | & ' \" '' \"\" = % - -- -t -f -r . .. ~ $ ` \\ ! eval env if test [ scp rsync --server git".Split(' ').Select(Bytes.Utf8),
    ];

    public int LongestInput => 4096;

    public void Check(byte[] input, Random random)
    {
        var facts = ExecReader.Read(input);
        var isRead = ShellLine.TryRead(input, out var commands, out var objection);
        Promise.Holds(isRead == (objection is null) && isRead == !commands.IsEmpty, "a line is read or there is a reason");
        var certain = facts.Effects.Where(static e => e.Kind != EffectKind.Opaque).ToList();
        Promise.Holds(certain.All(static e => SshVerbs.All.Contains(e.Verb) && SshVerbs.KindOf(e.Verb) == e.Kind), "a policy may name every verb");
        Promise.Holds(certain.All(static e => !e.Objects.IsEmpty), "every command has an object");
        Promise.Holds(isRead || facts.IsOpaque, "what is not read is opaque");
        Promise.Holds(facts.IsOpaque || facts.Effects.Length == commands.Length, "each command has its effect");
        if (isRead)
            CheckWords(Encoding.UTF8.GetString(input), [.. commands.Select(static c => c.Words)]);
        Promise.Holds(ExecReader.Read(input, TargetShell.Other).IsOpaque, "other shells are not read");
    }

    /// <summary>Once more, by a walk that knows quotes and blanks and nothing else.</summary>
    private static void CheckWords(string line, List<IReadOnlyList<string>> read)
    {
        var commands = new List<List<string>> { new() };
        StringBuilder? word = null;
        char? quote = null;
        foreach (var c in line)
        {
            Promise.Holds(c is not ('\\' or '!') && (c == '\t' || !char.IsControl(c)), "nothing escapes, nothing is a control");
            Promise.Holds(quote == '\'' || c is not ('$' or '`'), "nothing is substituted");
            if (quote == c)
                quote = null;
            else if (quote is not null)
                word!.Append(c);
            else if (c is '\'' or '"')
                (quote, word) = (c, word ?? new StringBuilder());
            else if (c is ' ' or '\t' or ';' or '&' or '|')
            {
                if (word is not null)
                    commands[^1].Add(word.ToString());
                word = null;
                if (c is not (' ' or '\t') && commands[^1].Count > 0)
                    commands.Add([]);
            }
            else
            {
                Promise.Holds(char.IsAscii(c) && !"*?[]{}()<>~#^".Contains(c, StringComparison.Ordinal), "nothing expands");
                word = (word ?? new StringBuilder()).Append(c);
            }
        }
        if (word is not null)
            commands[^1].Add(word.ToString());
        commands.RemoveAll(static c => c.Count == 0);
        Promise.Holds(quote is null && commands.Count == read.Count && commands.Zip(read).All(static p => p.First.SequenceEqual(p.Second)),
            "the words are those of a plain walk");
    }
}
