using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Tests.Commands;

public sealed class ExecReaderTests
{
    private static string Describe(string line) => string.Join("; ", ExecReader.Read(Encoding.UTF8.GetBytes(line)).Effects.Select(static e =>
        $"{e.Kind.ToString().ToLowerInvariant()} {e.Verb} {string.Join(' ', e.Objects.Select(static o => o + (o.IsTree ? "/**" : "")))}".Trim()));

    [Theory]
    [InlineData("uptime; df -h", "server exec uptime; server exec df -h")]
    [InlineData("scp -t /srv/up", "write scp_write /srv/up/**")]
    [InlineData("scp -r -p -d -t -- -odd", "write scp_write -odd/**")]
    [InlineData("scp -f /etc/../srv//x", "read scp_read /srv/x")]
    [InlineData("scp -prf a b", "read scp_read a/** b/**")]
    [InlineData("scp -f 'a b'", "read scp_read a b")]
    [InlineData("scp -v -f .", "read scp_read .")]
    [InlineData("rsync --server -vlogDtpre.iLsfxCIvu . /srv/x/", "write rsync_write /srv/x/**")]
    [InlineData("rsync --server --sender -logDtpre.LsfxC --delete --timeout=5 . a b", "read rsync_read a/** b/**")]
    [InlineData("git-upload-pack '/srv/git/a.git'", "read git_read /srv/git/a.git")]
    [InlineData("git upload-pack '/srv/git/a.git'", "read git_read /srv/git/a.git")]
    [InlineData("git-upload-archive 'a.git'", "read git_read a.git")]
    [InlineData("git-receive-pack 'team/a.git'", "write git_write team/a.git")]
    [InlineData("echo `id`", "opaque exec")]
    public void LinesAreWhatTheyDo(string line, string expected) => Assert.Equal(expected, Describe(line));

    /// <summary>Another program by that name, an option that may run or write something, a path that comes later.</summary>
    [Theory]
    [InlineData("/tmp/scp -t /srv")]
    [InlineData("scp -S /tmp/evil -t /srv")]
    [InlineData("scp -oProxyCommand=x -t /srv")]
    [InlineData("scp a b")]
    [InlineData("scp -t -f a")]
    [InlineData("scp -t a b")]
    [InlineData("scp -t")]
    [InlineData("rsync --server -se.LsfxC . x")]
    [InlineData("rsync --server --log-file=/etc/x -e.LsfxC . x")]
    [InlineData("rsync --server --sender --remove-source-files -e.LsfxC . x")]
    [InlineData("rsync --server --partial-dir=/x -e.LsfxC . x")]
    [InlineData("rsync -e sh x y")]
    [InlineData("rsync --daemon")]
    [InlineData("git -c core.sshCommand=x upload-pack a")]
    [InlineData("git-upload-pack --upload-pack=x a")]
    [InlineData("git-upload-pack '~root/a'")]
    [InlineData("git push")]
    public void Threat46_WhatIsNotExactlyTheFileProgramIsACommand(string line)
    {
        Assert.StartsWith("server exec ", Describe(line), StringComparison.Ordinal);
        Assert.False(ExecReader.Read(Encoding.UTF8.GetBytes(line)).CarriesFiles);
    }

    [Theory]
    [InlineData("internal-sftp")]
    [InlineData("/usr/lib/openssh/sftp-server -l INFO")]
    [InlineData("sftp-server")]
    public void Threat46_AnSftpServerAskedForAsACommandIsInspectedToo(string line)
    {
        var facts = ExecReader.Read(Encoding.UTF8.GetBytes(line));
        Assert.True(facts.SpeaksSftp);
        Assert.Equal(SshVerbs.Exec, Assert.Single(facts.Effects).Verb);
    }

    [Fact]
    public void Threat46_AnSftpServerBesideOtherCommandsIsOpaque() => Assert.Equal("opaque exec", Describe("true; /usr/lib/openssh/sftp-server"));

    [Fact]
    public void TheShellOfOtherSystemsIsNotRead()
    {
        var effect = Assert.Single(ExecReader.Read("dir C:"u8, TargetShell.Other).Effects);
        Assert.Equal((EffectKind.Opaque, "dir C:"), (effect.Kind, effect.Line));
    }

    [Theory]
    [InlineData("DB1.Internal.", 5432, "db1.internal:5432")]
    [InlineData("127.1", 80, "127.0.0.1:80")]
    [InlineData("2130706433", 80, "127.0.0.1:80")]
    [InlineData("0x7f.1", 80, "127.0.0.1:80")]
    [InlineData("::ffff:169.254.169.254", 80, "169.254.169.254:80")]
    [InlineData("FD00:0::1", 22, "[fd00::1]:22")]
    public void ForwardingsNameTheirDestination(string host, int port, string expected)
    {
        var effect = Assert.Single(SshFacts.ForwardLocal(host, port).Effects);
        Assert.Equal((EffectKind.Server, "forward_local", expected), (effect.Kind, effect.Verb, effect.Objects[0].Name));
    }

    [Fact]
    public void EachVerbHasAKind() => Assert.All(SshVerbs.All, static verb => Assert.NotEqual(EffectKind.Opaque, SshVerbs.KindOf(verb)));
}
