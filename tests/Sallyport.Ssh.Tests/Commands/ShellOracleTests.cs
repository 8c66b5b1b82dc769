using System.Diagnostics;
using System.Text;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Tests.Commands;

/// <summary>
/// The shells themselves judge the classifier: random lines that it accepts are run by each of them, with programs that print the words
/// they were given, and every shell must have given exactly the words that were read. Needs bash, dash, zsh, mksh, busybox, fish, ksh.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ShellOracleTests : IDisposable
{
    private const int Lines = 2000;
    private const int Batch = 100;

    // Plain names that no shell has a function or a builtin for.
    private static readonly string[] Names = ["prog-a", "prog.b", "prog_c", "prog+d", "prog:e", "prog,f"];
    private static readonly string[] Joints = [" ; ", ";", " && ", "&&", " | ", "|", "||", " || "];

    private static readonly string[] Pieces =
    [
        "a", "-l", "--x=y", "/etc/passwd", "..", ".", ":", "@", "+", ",", "x:y@z", "%1", "=b", "100%", "a=b", "if", "done", "'a b'", "''", "\"\"",
        "\"it's\"", "'\"'", "'$HOME'", "'`id`'", "'*'", "'?[x]'", "'{a,b}'", "'~'", "'#x'", "'a;b'", "'a&&b|c'", "\"(x)\"", "'<>'", "\"~\"",
        "\"*\"", "'^x^y'", "'größe'", "\"日本\"", "'é'", "'%'", "'=ls'", "-", "--", "0", "'  '", "\" a  b \"", "''\"\"''", "'%self'",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sallyport-shells-");

    public ShellOracleTests()
    {
        foreach (var name in Names)
        {
            var program = Path.Combine(_folder.FullName, name);
            // Each command appends one record; of two in a pipe either may be first.
            File.WriteAllText(program, """
                #!/bin/dash
                r="${0##*/}"
                for w in "$@"; do r="$r|<$w>"; done
                printf '%s\n' "$r" >> "$RECORD"
                """);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("bash", true)]
    [InlineData("dash", true)]
    [InlineData("zsh", true)]
    [InlineData("mksh", true)]
    [InlineData("busybox", true)]
    [InlineData("fish", true)]
    [InlineData("ksh", false)] // It does not wait for the left side of a pipe.
    public void EveryShellGivesTheWordsThatWereRead(string shell, bool waitsForPipes)
    {
        var random = new Random(51);
        var mismatches = new List<string>();
        var accepted = new List<string>();
        while (accepted.Count < Lines)
        {
            var line = RandomLine(random, waitsForPipes);
            if (ShellLine.TryRead(Encoding.UTF8.GetBytes(line), out _, out _))
                accepted.Add(line);
        }
        foreach (var batch in accepted.Chunk(Batch))
            mismatches.AddRange(Run(shell, batch));
        Assert.Empty(mismatches);
    }

    /// <summary>One run of the shell's for each line: a line that ends it must not end the others.</summary>
    private IEnumerable<string> Run(string shell, string[] lines)
    {
        var script = new StringBuilder();
        var records = new List<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            var record = Path.Combine(_folder.FullName, $"record{i}");
            File.Delete(record);
            records.Add(record);
            var quoted = "'" + lines[i].Replace("'", "'\\''", StringComparison.Ordinal) + "'";
            script.Append($"RECORD={record} {(shell == "busybox" ? "busybox sh" : shell)} {(shell == "zsh" ? "-f " : shell == "fish" ? "-N " : "")}-c {quoted} </dev/null >/dev/null 2>>{_folder.FullName}/errors\n");
        }
        var start = new ProcessStartInfo("/bin/dash", ["-s"]) { RedirectStandardInput = true };
        start.Environment["PATH"] = $"{_folder.FullName}:/usr/bin:/bin";
        start.Environment["LANG"] = start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["HOME"] = _folder.FullName;
        Assert.True(File.Exists($"/usr/bin/{shell}") || File.Exists($"/bin/{shell}"), $"{shell} is not installed; these tests need it.");
        using var process = Process.Start(start)!;
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        process.WaitForExit();
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.True(ShellLine.TryRead(Encoding.UTF8.GetBytes(lines[i]), out var commands, out _));
            var given = File.Exists(records[i]) ? File.ReadAllLines(records[i]) : [];
            // What stands behind && and || may not run, and of what runs each must be one of those that were read.
            var expected = commands.Select(static c => string.Join('|', c.Words.Select(static (w, at) => at == 0 ? w : $"<{w}>"))).ToList();
            if (!IsRun(lines[i], expected, given))
                yield return $"{shell}: {lines[i]}\n  read {string.Join(" ; ", expected)}\n  ran  {string.Join(" ; ", given)}";
        }
    }

    /// <summary>The programs succeed: everything runs, but what follows <c>||</c> (to the left, <c>;</c> begins anew).</summary>
    private static bool IsRun(string line, List<string> expected, string[] given)
    {
        var runs = new List<string>();
        var joints = JointsOf(line);
        // Status 0 all along: after || the next pipeline is left out, && and ; go on.
        var skipping = false;
        for (var i = 0; i < expected.Count; i++)
        {
            if (i > 0)
                skipping = joints[i - 1] switch { "||" => true, "|" => skipping, _ => false };
            if (!skipping)
                runs.Add(expected[i]);
        }
        return runs.Order(StringComparer.Ordinal).SequenceEqual(given.Order(StringComparer.Ordinal));
    }

    private static List<string> JointsOf(string line)
    {
        var joints = new List<string>();
        char? quote = null;
        for (var i = 0; i < line.Length; i++)
        {
            if (quote is not null)
                quote = line[i] == quote ? null : quote;
            else if (line[i] is '\'' or '"')
                quote = line[i];
            else if (line[i] is ';' or '|' or '&')
            {
                var isDouble = i + 1 < line.Length && line[i + 1] == line[i];
                joints.Add(line.Substring(i, isDouble ? 2 : 1));
                i += isDouble ? 1 : 0;
            }
        }
        return joints;
    }

    private static string RandomLine(Random random, bool pipes)
    {
        var line = new StringBuilder();
        var commands = random.Next(1, 4);
        for (var i = 0; i < commands; i++)
        {
            if (i > 0)
                line.Append(pipes ? Joints[random.Next(Joints.Length)] : Joints[random.Next(4)]);
            line.Append(Name(random));
            for (var words = random.Next(5); words > 0; words--)
            {
                line.Append(random.Next(6) == 0 ? "\t" : " ");
                for (var pieces = random.Next(1, 3); pieces > 0; pieces--)
                    line.Append(Pieces[random.Next(Pieces.Length)]);
            }
        }
        return line.ToString();
    }

    private static string Name(Random random)
    {
        var name = Names[random.Next(Names.Length)];
        return random.Next(5) switch { 0 => $"'{name}'", 1 => $"{name[..3]}\"\"{name[3..]}", _ => name };
    }
}
