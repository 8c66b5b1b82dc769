using Sallyport.Ssh.Replay;

namespace Sallyport.Ssh.Tests.Replay;

/// <summary>What of a recorded terminal reaches the reader's. <c>^</c> stands for ESC.</summary>
public sealed class TerminalFilterTests
{
    [Theory]
    [InlineData("plain é€😀 text")]
    [InlineData("^[1;31mred^[0m ^[38;5;208mx^[38:2::1:2:3my")]
    [InlineData("^[H^[2J^[K^[10;20Hx^[5A^[2B^[C^[D^[3L^[2M^[4@^[P^[S^[T^[2;20r")]
    [InlineData("^[?1049h^[?25l^[?7l^[4h^[4l^[!p")]
    [InlineData("^7^8^M^D^(0lqk^(B\u000e\u000f")]
    [InlineData("a\r\nb\b\tc\a")]
    [InlineData("^[s^[u^[3b^[2X^[?2J")]
    public void WhatDrawsPasses(string text) => Assert.Equal(Raw(text), Pass(text));

    [Theory]
    [InlineData("^[6n")]
    [InlineData("^[5n")]
    [InlineData("^[?6n")]
    [InlineData("^[c")]
    [InlineData("^[>c")]
    [InlineData("^[>q")]
    [InlineData("^[=c")]
    [InlineData("^[0x")]
    [InlineData("^Z")]
    [InlineData("\u0005")]
    [InlineData("^[?1$p")]
    [InlineData("^P$qm^\\")]
    [InlineData("^P+q544e^\\")]
    [InlineData("^P|1;1|17/726d202d7266^\\")]
    [InlineData("^Pq#0;2;0;0;0~-^\\")]
    [InlineData("^]52;c;cm0gLXJm\a")]
    [InlineData("^]52;c;?^\\")]
    [InlineData("^]0;title^\\")]
    [InlineData("^]11;?\a")]
    [InlineData("^]4;1;rgb:00/00/00\a")]
    [InlineData("^]8;;http://evil\a")]
    [InlineData("^]1337;File=name=eA==:AAAA\a")]
    [InlineData("^_Gi=1;AAAA^\\")]
    [InlineData("^^private^\\")]
    [InlineData("^Xstring^\\")]
    [InlineData("^[21t")]
    [InlineData("^[8;1;1t")]
    [InlineData("^[5i")]
    [InlineData("^[?4i")]
    [InlineData("^[3J")]
    [InlineData("^[?1000h")]
    [InlineData("^[?1004h")]
    [InlineData("^[?2004h")]
    [InlineData("^[?1h")]
    [InlineData("^[?1s")]
    [InlineData("^[20h")]
    [InlineData("^[>4;2m")]
    [InlineData("^[>1u")]
    [InlineData("^%@")]
    [InlineData("^ F")]
    [InlineData("^=")]
    [InlineData("\u009b6n")]
    [InlineData("\u009d52;c;eA==\u009c")]
    [InlineData("\u0090$qm\u009c")]
    [InlineData("\u007f\0")]
    public void Threat90_WhatDoesMoreThanDrawIsDropped(string text)
    {
        var raw = Raw(text);
        for (var cut = 0; cut <= raw.Length; cut++)
        {
            var filter = new TerminalFilter();
            Assert.Equal("ab", filter.Pass("a" + raw[..cut]) + filter.Pass(raw[cut..] + "b"));
        }
    }

    /// <summary>What passed passes again unchanged: it holds nothing but what is on the list, however it was cut.</summary>
    [Fact]
    public void Threat90_WhatPassesIsOnTheListWhateverComes()
    {
        const string Alphabet = "^^^[[[]P_X\\?>!$;;0149725hlmHJKrstucnpqi(B%#\a\r\n\u0018\u009b\u009cab";
        var random = new Random(90);
        for (var run = 0; run < 20_000; run++)
        {
            var text = Raw(new string([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]));
            var passed = new TerminalFilter().Pass(text);
            Assert.Equal(passed, new TerminalFilter().Pass(passed));
            var cut = random.Next(text.Length + 1);
            var filter = new TerminalFilter();
            Assert.Equal(passed, filter.Pass(text[..cut]) + filter.Pass(text[cut..]));
        }
    }

    [Fact]
    public void OfSeveralModesThoseThatDrawPass() => Assert.Equal(Raw("^[?25h^[?1049h"), Pass("^[?1000;25;2004;1049h"));

    [Fact]
    public void AnAbortedOrEndlessSequenceHidesNothing()
    {
        Assert.Equal("ab", Pass("a^[12\u0018b"));
        Assert.Equal("ab", Pass("a^]52;c;x\u0018b"));
        Assert.Equal(Raw("a^[31mb"), Pass("a^[12^[31mb"));
        Assert.Equal("ab", Pass("a^[" + new string('1', 500) + "mb"));
    }

    [Fact]
    public void ABareLineFeedOnlyMovesDown() => Assert.Equal(Raw("a^Db\r\nc\r\n^Dd"), Pass("a\nb\r\nc\r\n\nd"));

    [Fact]
    public void AFullResetKeepsTheReadersSettings()
    {
        var filter = new TerminalFilter();
        var passed = filter.Pass(Raw("^[?1049h^c"));
        Assert.DoesNotContain(Raw("^c"), passed, StringComparison.Ordinal);
        Assert.Contains(Raw("^[?1049l"), passed, StringComparison.Ordinal);
        Assert.False(filter.IsAlternate);
    }

    [Theory]
    [InlineData("^[?1049h", true)]
    [InlineData("^[?47h", true)]
    [InlineData("^[?1049h^[?1049l", false)]
    [InlineData("text", false)]
    public void TheAlternateScreenIsLeftOnlyWhenItWasEntered(string text, bool isAlternate)
    {
        var filter = new TerminalFilter();
        filter.Pass(Raw(text));
        Assert.Equal(isAlternate, filter.IsAlternate);
        Assert.Equal(isAlternate, filter.Reset.StartsWith(Raw("^[?1049l"), StringComparison.Ordinal));
    }

    private static string Pass(string text) => new TerminalFilter().Pass(Raw(text));

    /// <summary>PM begins with ESC and a real circumflex.</summary>
    private static string Raw(string text) => text.Replace("^^", "\u001b\u0000", StringComparison.Ordinal).Replace('^', '\u001b')
        .Replace("\u001b\u0000", "\u001b^", StringComparison.Ordinal);
}
