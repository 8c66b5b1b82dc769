using System.Text;
using Sallyport.Ssh.Shell;

namespace Sallyport.Ssh.Tests.Shell;

/// <summary>Guesses at what is typed into a plain shell. <c>&gt;</c> is typed, <c>&lt;</c> shown.</summary>
public sealed class LineHintsTests
{
    private static string Hints(bool hasPty, params string[] script)
    {
        var found = new List<string>();
        var hints = new LineHints(hasPty, (line, doubt) => found.Add($"{Encoding.UTF8.GetString(line.Span)}|{doubt}"));
        foreach (var step in script)
        {
            if (step[0] == '>')
                hints.Typed(Encoding.UTF8.GetBytes(step[1..]));
            else
                hints.Shown(Encoding.UTF8.GetBytes(step[1..]));
        }
        return string.Join(", ", found);
    }

    [Fact]
    public void ALineThatWasEchoedIsOne() => Assert.Equal("ls -l|", Hints(true, "<$ ", ">ls", "<ls", "> -l", "< -l", ">\r", "<\r\ntotal 0\r\n$ "));

    [Fact]
    public void AnEchoThatComesLateCounts() => Assert.Equal("ls|", Hints(true, ">ls\r", "<l", "<s", "<\r\n"));

    [Fact]
    public void WhatIsTypedAtAPasswordPromptIsNotKept() =>
        Assert.Equal("sudo id|, |not echoed", Hints(true, ">sudo id\r", "<sudo id\r\n[sudo] password: ", ">hunter2\r", "<\r\nhunter2 or so\r\n"));

    [Fact]
    public void BackspaceIsUnderstoodAndOtherKeysMakeItDoubtful() => Assert.Equal(
        "ls|, ls|unverified", Hints(true, ">lß", "<lß", ">\u007fs", "<\b \bs", ">\r", "<\r\n", ">ls\e[A", "<ls", ">\r", "<\r\n"));

    [Fact]
    public void WithoutATerminalLinesAreAsTheyCome() => Assert.Equal("ls|, id|", Hints(false, ">ls\ni", ">d\n", "<whatever\n"));
}
