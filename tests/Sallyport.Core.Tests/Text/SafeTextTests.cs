namespace Sallyport.Core.Tests.Text;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("drop\ntable", "drop\\ntable")]
    [InlineData("\u001b[2Jgone", "\\e[2Jgone")]
    [InlineData("a\u202eb", "a\\u{202E}b")]
    [InlineData("a\u200bb", "a\\u{200B}b")]
    [InlineData("a\u00a0b", "a\\u{00A0}b")]
    [InlineData("\u009b31m", "\\u{009B}31m")]
    [InlineData("C:\\new", "C:\\\\new")]
    [InlineData("Grüße 🙂", "Grüße 🙂")]
    public void Threat90_WhatCouldMoveOrHideTextIsEscaped(string text, string shown) => Assert.Equal(shown, SafeText.Escape(text));

    [Fact]
    public void Threat90_AHugeNameIsCutWithoutBeingReadWhole() =>
        Assert.Equal(new string('x', 7) + "…", SafeText.Short(new string('x', 1_000_000), 8));

    [Fact]
    public void Threat90_HalfACharacterIsEscaped() => Assert.Equal("a\\u{D800}b", SafeText.Escape("a\ud800b"));

    [Theory]
    [InlineData("a\tb\nc", "a\\tb\\nc", "a\tb\nc")]
    [InlineData("C:\\new\u00a0x", "C:\\new\u00a0x", "C:\\new\u00a0x")]
    [InlineData("\u001b[2J\u202e\r", "\\e[2J\\u{202E}\\r", "\\e[2J\\u{202E}\\r")]
    public void Threat90_AReplayShowsTextAsItWasAndNothingThatDrivesATerminal(string text, string line, string lines)
    {
        Assert.Equal(line, SafeText.Show(text));
        Assert.Equal(lines, SafeText.Show(text, keepLines: true));
    }

    [Fact]
    public void LinesStayWhenAskedFor() => Assert.Equal("a\nb\\r", SafeText.EscapeLines("a\nb\r"));
}
