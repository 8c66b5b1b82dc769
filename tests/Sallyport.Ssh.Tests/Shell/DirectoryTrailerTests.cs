using System.Buffers;
using System.Text;
using Sallyport.Ssh.Shell;

namespace Sallyport.Ssh.Tests.Shell;

public sealed class DirectoryTrailerTests
{
    private const string Nonce = "00112233445566778899aabbccddeeff";
    private const string Mark = "\u001e" + Nonce;

    private static (string Shown, DirectoryTrailer Trailer) Cut(params byte[][] chunks)
    {
        var trailer = new DirectoryTrailer(Nonce);
        var shown = new ArrayBufferWriter<byte>();
        foreach (var chunk in chunks)
            trailer.Write(chunk, shown);
        shown.Write(trailer.Rest);
        return (Encoding.UTF8.GetString(shown.WrittenSpan), trailer);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void CutAtEveryOffsetItIsCutOut()
    {
        var output = Bytes($"out \u001e put\n{Mark}/srv/größe\u001e/home/bot\u001eafter");
        for (var first = 0; first <= output.Length; first++)
        {
            for (var second = first; second <= output.Length; second++)
            {
                var (shown, trailer) = Cut(output[..first], output[first..second], output[second..]);
                Assert.Equal(("out \u001e put\nafter", "/srv/größe", "/home/bot"), (shown, trailer.Directory, trailer.Home));
            }
        }
    }

    [Theory]
    [InlineData("no trailer")]
    [InlineData("ends with \u001e")]
    [InlineData("\u001e\u001e\u001e")]
    [InlineData("\u001e00112233445566778899aabbccddeefX/x\u001e/y\u001e")]
    [InlineData(Mark + "/never ends")]
    public void WhatIsNoTrailerIsShown(string output)
    {
        foreach (var chunks in (byte[][][])[[Bytes(output)], [.. Bytes(output).Select(static b => new[] { b })]])
        {
            var (shown, trailer) = Cut(chunks);
            Assert.Equal((output, null), (shown, trailer.Directory));
        }
    }

    [Fact]
    public void WhatIsTooLongForOneIsShownAsItComes()
    {
        var trailer = new DirectoryTrailer(Nonce);
        var shown = new ArrayBufferWriter<byte>();

        trailer.Write(Bytes(Mark + new string('x', 10_000)), shown);

        Assert.Equal(Mark.Length + 10_000, shown.WrittenCount);
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/with\nnewline")]
    [InlineData("/back\\slash")]
    [InlineData("/bang!")]
    [InlineData("/\u001b[2J")]
    [InlineData("")]
    public void APathThatNotEveryShellTakesLiterallyIsNotKept(string path)
    {
        var (shown, trailer) = Cut(Bytes($"{Mark}{path}\u001e/root\u001e"));

        Assert.Equal(("", null), (shown, trailer.Directory));
    }

    [Fact]
    public void TheShellsOwnWordIsTheLast()
    {
        var (_, trailer) = Cut(Bytes($"{Mark}/forged\u001e/x\u001e text {Mark}/real\u001e/root\u001e"));

        Assert.Equal("/real", trailer.Directory);
    }
}
