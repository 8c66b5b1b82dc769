using Sallyport.Core;

namespace Sallyport.Core.Tests.Text;

public sealed class PatternTests
{
    [Theory]
    [InlineData("/a/./b/../c//d/", "/a/c/d")]
    [InlineData("/../..", "/")]
    [InlineData("a/../..", "..")]
    [InlineData("../a/../../b", "../../b")]
    [InlineData("./", ".")]
    [InlineData("", ".")]
    [InlineData("/...", "/...")]
    public void Threat50_PathsAreCleanedByTheirText(string path, string expected) => Assert.Equal(expected, PathPattern.Clean(path));

    [Theory]
    [InlineData("/srv/*", "/srv/a", true)]
    [InlineData("/srv/*", "/srv/a/b", false)]
    [InlineData("/srv/*", "/srv", false)]
    [InlineData("/srv/**", "/srv", true)]
    [InlineData("/srv/**", "/srv/a/b", true)]
    [InlineData("/srv/**", "/srv2", false)]
    [InlineData("/srv/**", "/srv/../etc/passwd", false)]
    [InlineData("/srv/**", "srv/a", false)]
    [InlineData("srv/*", "./srv/x/../a", true)]
    [InlineData("srv/*", "/srv/a", false)]
    [InlineData("*", "a", true)]
    [InlineData("*", "/a", false)]
    [InlineData("**", "/a/b", true)]
    [InlineData("**", "a/b", true)]
    [InlineData("**", "../a", false)]
    [InlineData("../x/*", "../x/a", true)]
    [InlineData("../x/*", "../../x/a", false)]
    [InlineData("**/.ssh/**", "/home/ana/.ssh/id", true)]
    [InlineData("**/.ssh/**", ".ssh/id", true)]
    [InlineData("**/.ssh/**", "/home/x.ssh/id", false)]
    [InlineData("/a/**/z", "/a/b/c/z", true)]
    [InlineData("/home/*/.ssh/**", "/home/ana/.ssh", true)]
    [InlineData("/x.txt", "/x.txt", true)]
    [InlineData("/x.txt", "/x_txt", false)]
    public void APathMeetsItsPattern(string pattern, string path, bool matches) =>
        Assert.Equal(matches, new PathPattern(pattern).Matches(path, isTree: false, all: true));

    [Theory]
    [InlineData("/srv/**", "/srv/a", true, true)]
    [InlineData("/srv/*", "/srv/a", false, true)]
    [InlineData("/srv/a", "/srv/a", false, true)]
    [InlineData("/srv/a/secret", "/srv", false, true)]
    [InlineData("/srv/*/secret", "/srv/a", false, true)]
    [InlineData("/etc/**", "/srv", false, false)]
    [InlineData("/srv/**", "/", false, true)]
    [InlineData("**", "/", true, true)]
    [InlineData("x/y", ".", false, true)]
    public void ATreeIsCoveredAsAWholeAndMetInAnyPart(string pattern, string path, bool covered, bool met)
    {
        Assert.Equal(covered, new PathPattern(pattern).Matches(path, isTree: true, all: true));
        Assert.Equal(met, new PathPattern(pattern).Matches(path, isTree: true, all: false));
    }

    [Fact]
    public void Threat50_APathThatClimbsMayBeAnywhereToARuleThatDenies() =>
        Assert.True(new PathPattern("/etc/**").Matches("../../etc/x", isTree: false, all: false));

    [Theory]
    [InlineData("systemctl status *", "systemctl status nginx", true)]
    [InlineData("systemctl status *", "systemctl status a b", true)]
    [InlineData("systemctl status *", "systemctl status", false)]
    [InlineData("systemctl status", "systemctl status nginx", false)]
    [InlineData("systemctl * nginx", "systemctl stop nginx", true)]
    [InlineData("systemctl * nginx", "systemctl a b nginx", false)]
    [InlineData("systemctl status *", "systemctl restart nginx", false)]
    [InlineData("ls", "/bin/ls", false)]
    [InlineData("cat /var/log/*", "cat /var/log/syslog", true)]
    [InlineData("cat /var/log/*", "cat /var/log/../shadow", false)]
    [InlineData("cat /var/log/**", "cat /var/log/../../etc/shadow", false)]
    [InlineData("cat /var/log/**", "cat /var/log/apt/x", true)]
    [InlineData("cat /var/log/..", "cat /var/log/..", true)]
    [InlineData("cat *.log", "cat /etc/x.log", false)]
    [InlineData("cat *.log", "cat x.log", true)]
    [InlineData("git log '--format=%h %s'", "git|log|--format=%h %s", true)]
    [InlineData("git log '--format=%h %s'", "git log --format=%h %s", false)]
    [InlineData("echo '*'", "echo *", true)]
    [InlineData("echo '*'", "echo x", false)]
    [InlineData("rm *", "rm|a b", true)]
    [InlineData("*", "anything", true)]
    public void ACommandMeetsItsPatternWordByWord(string pattern, string words, bool matches) =>
        Assert.Equal(matches, CommandPattern.Parse(pattern)!.Matches([.. words.Split(words.Contains('|', StringComparison.Ordinal) ? '|' : ' ')]));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("echo 'open")]
    public void WhatIsNoCommandIsNoPattern(string pattern) => Assert.Null(CommandPattern.Parse(pattern));

    [Theory]
    [InlineData("db1:5432", "db1", 5432, true)]
    [InlineData("DB1:5432", "Db1.", 5432, true)]
    [InlineData("db1:5432", "db1", 5433, false)]
    [InlineData("*.internal:443", "a.b.internal", 443, true)]
    [InlineData("*.internal:443", "internal", 443, false)]
    [InlineData("10.0.0.0/8:22", "10.1.2.3", 22, true)]
    [InlineData("10.0.0.0/8:22", "11.1.2.3", 22, false)]
    [InlineData("10.0.0.0/8:22", "10.example.com", 22, false)]
    [InlineData("127.0.0.0/8:*", "127.1", 80, true)]
    [InlineData("127.0.0.0/8:*", "2130706433", 80, true)]
    [InlineData("127.0.0.0/8:*", "::ffff:127.0.0.1", 80, true)]
    [InlineData("169.254.169.254:80", "0xA9FEA9FE", 80, true)]
    [InlineData("[fd00::/8]:*", "fd12::1", 22, true)]
    [InlineData("[::1]:22", "0:0::1", 22, true)]
    [InlineData("*:443", "::1", 443, true)]
    public void ADestinationMeetsItsPattern(string pattern, string host, int port, bool matches) =>
        Assert.Equal(matches, DestinationPattern.Parse(pattern)!.Matches(DestinationPattern.Spell(host, port)));

    [Theory]
    [InlineData("db1")]
    [InlineData(":22")]
    [InlineData("db1:ssh")]
    [InlineData("db1:70000")]
    [InlineData("10.*:22")]
    [InlineData("10.0.0.0/99:22")]
    [InlineData("::1:22")]
    public void WhatIsNoDestinationIsNoPattern(string pattern) => Assert.Null(DestinationPattern.Parse(pattern));

    [Fact]
    public void Threat95_AHostilePathAgainstManyStarsTakesNoLongerThanOthers()
    {
        var pattern = new PathPattern("/" + string.Concat(Enumerable.Repeat("**a", 100)) + "b");
        Assert.False(pattern.Matches("/" + new string('a', 4000), isTree: false, all: true));
    }
}
