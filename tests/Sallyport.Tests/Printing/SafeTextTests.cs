using Sallyport.Printing;

namespace Sallyport.Tests.Printing;

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

    [Fact]
    public void LinesStayWhenAskedFor() => Assert.Equal("a\nb\\r", SafeText.EscapeLines("a\nb\r"));
}
