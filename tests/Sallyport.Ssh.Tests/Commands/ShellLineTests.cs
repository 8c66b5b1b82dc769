using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Tests.Commands;

public sealed class ShellLineTests
{
    private static string Read(string line)
    {
        var isRead = ShellLine.TryRead(Encoding.UTF8.GetBytes(line), out var commands, out var objection);
        Assert.Equal(isRead, objection is null);
        return isRead ? string.Join(" | ", commands.Select(static c => c.ToString())) : $"? {objection}";
    }

    [Theory]
    [InlineData("ls", "ls")]
    [InlineData("  ls\t-l  /tmp ", "ls -l /tmp")]
    [InlineData("systemctl status nginx.service", "systemctl status nginx.service")]
    [InlineData("a;b && c||d|e", "a | b | c | d | e")]
    [InlineData("ls ;", "ls")]
    [InlineData("echo 'a b' \"it's\" ''", "echo 'a b' 'it'\\''s' ''")]
    [InlineData("grep -c 'x;y|z&&(a)<b>' f", "grep -c 'x;y|z&&(a)<b>' f")]
    [InlineData("echo 'größe' \"日本\"", "echo 'größe' '日本'")]
    [InlineData("dd if=/dev/zero of=x", "dd if=/dev/zero of=x")]
    [InlineData("awk '{print $1}'", "awk '{print $1}'")]
    public void WhatEveryShellReadsTheSameIsRead(string line, string expected) => Assert.Equal(expected, Read(line));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(";")]
    [InlineData("; ls")]
    [InlineData("ls &&")]
    [InlineData("ls |")]
    [InlineData("ls ;; ls")]
    [InlineData("ls ; ; ls")]
    [InlineData("ls &")]
    [InlineData("ls & id")]
    [InlineData("ls |& id")]
    [InlineData("ls\nid")]
    [InlineData("ls\rid")]
    [InlineData("ls\0id")]
    [InlineData("echo 'a\tb'")]
    [InlineData("echo $HOME")]
    [InlineData("echo \"$HOME\"")]
    [InlineData("echo `id`")]
    [InlineData("echo \"`id`\"")]
    [InlineData("echo \\x")]
    [InlineData("echo 'a\\b'")]
    [InlineData("echo 'a!b'")]
    [InlineData("echo 'open")]
    [InlineData("ls *")]
    [InlineData("ls ?")]
    [InlineData("ls [a]")]
    [InlineData("ls {a,b}")]
    [InlineData("(ls)")]
    [InlineData("ls > x")]
    [InlineData("ls < x")]
    [InlineData("ls ~")]
    [InlineData("ls # x")]
    [InlineData("ls ^x")]
    [InlineData("ls größe")]
    [InlineData("X=1 ls")]
    [InlineData("X=1")]
    [InlineData("'X=1' ls")]
    [InlineData("=ls")]
    [InlineData("ls ''=b")]
    [InlineData("ls \"\"=b")]
    [InlineData("kill %1")]
    [InlineData("'' ls")]
    [InlineData("if true")]
    [InlineData("ls; then id")]
    [InlineData("'if' x")]
    [InlineData("- ls")]
    [InlineData("@ x")]
    [InlineData(". /tmp/x")]
    [InlineData("printf -v 'a[$(id)]' x")]
    [InlineData("test -v 'x[$(id)]'")]
    [InlineData("exit 'a[$(id)]'")]
    [InlineData("echo '\u202e'")]
    [InlineData("echo '\u0085'")]
    [InlineData("echo '\uf600'")]
    public void AnythingElseIsOpaque(string line) => Assert.StartsWith("? ", Read(line), StringComparison.Ordinal);

    [Fact]
    public void BytesThatAreNoTextAreOpaque()
    {
        Assert.False(ShellLine.TryRead([(byte)'l', 0xFF], out _, out var objection));
        Assert.Equal("bytes that are not UTF-8", objection);
        Assert.Null(ExecReader.Read([(byte)'l', 0xFF]).Effects[0].Line);
    }

    [Fact]
    public void ALongLineIsOpaque() => Assert.StartsWith("? ", Read(new string('a', ShellLine.LongestLine + 1)), StringComparison.Ordinal);

    /// <summary>What each of the lines does is not certain, or it is what it says.</summary>
    [Theory]
    [InlineData("cu\"\"rl http://x/", "curl http://x/")]
    [InlineData("c'u'rl x", "curl x")]
    [InlineData("$(echo cm0=|base64 -d)", "?")]
    [InlineData("echo cm0= | base64 -d | sh", "echo cm0= | base64 -d | sh")]
    [InlineData("bash -c 'rm -rf /'", "bash -c 'rm -rf /'")]
    [InlineData("env -S 'rm -rf /'", "?")]
    [InlineData("cat <<E\nrm\nE", "?")]
    [InlineData("eval rm", "?")]
    [InlineData("x=rm; $x y", "?")]
    [InlineData("alias ls=rm", "?")]
    [InlineData("r\\m x", "?")]
    [InlineData("/bin/rm x", "/bin/rm x")]
    [InlineData("ls;rm x", "ls | rm x")]
    [InlineData("{ rm,x }", "?")]
    [InlineData("r${u}m x", "?")]
    [InlineData("sh /tmp/uploaded", "sh /tmp/uploaded")]
    public void Threat51_ObfuscatedCommandsAreWhatTheyRunOrOpaque(string line, string expected)
    {
        if (expected == "?")
            Assert.StartsWith("? ", Read(line), StringComparison.Ordinal);
        else
            Assert.Equal(expected, Read(line));
    }
}
