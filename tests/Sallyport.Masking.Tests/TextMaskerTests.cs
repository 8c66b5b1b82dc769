using System.Text;
using Sallyport.Core;

namespace Sallyport.Masking.Tests;

public sealed class TextMaskerTests
{
    private static readonly TextMasker Masker = new(Enumerable.Range(1, 32).Select(value => (byte)value).ToArray());

    [Theory]
    [InlineData(MaskKind.Redact, "4111 1111", "[redacted]")]
    [InlineData(MaskKind.Redact, "", "[redacted]")]
    [InlineData(MaskKind.Last4, "4111-1111-1111-1234", "****-****-****-1234")]
    [InlineData(MaskKind.Last4, "1234", "****")]
    [InlineData(MaskKind.Last4, "12345", "*2345")]
    [InlineData(MaskKind.Last4, "", "")]
    [InlineData(MaskKind.Last4, "Łukasz Ślązak", "****** **ązak")]
    [InlineData(MaskKind.Last4, "😀😀😀😀😀", "*😀😀😀😀")]
    [InlineData(MaskKind.Email, "zoe@example.com", "z***@example.com")]
    [InlineData(MaskKind.Email, "z@example.com", "****@example.com")]
    [InlineData(MaskKind.Email, "öse@example.com", "ö***@example.com")]
    [InlineData(MaskKind.Email, "no address", "[redacted]")]
    [InlineData(MaskKind.Email, "@example.com", "[redacted]")]
    [InlineData(MaskKind.Email, "a@my secret is out", "[redacted]")]
    [InlineData(MaskKind.Email, "a@4111.1111", "[redacted]")]
    public void EachKindLeavesWhatItSays(MaskKind kind, string value, string expected)
    {
        Assert.Equal(expected, Write(new Mask(kind), Encoding.UTF8.GetBytes(value)));
    }

    [Fact]
    public void FixedIsTheGivenValue() => Assert.Equal("næ", Write(new Mask(MaskKind.Fixed, "næ"), "secret"u8));

    [Fact]
    public void HashIsDeterministicKeyedAndSixteenHexDigits()
    {
        var hash = Write(new Mask(MaskKind.Hash), "secret"u8);
        Assert.Matches("^[0-9a-f]{16}$", hash);
        Assert.Equal(hash, Write(new Mask(MaskKind.Hash), "secret"u8));
        Assert.NotEqual(hash, Write(new Mask(MaskKind.Hash), "secreT"u8));
        Assert.NotEqual(hash, Write(new Mask(MaskKind.Hash), "secret"u8, new TextMasker(new byte[32])));
    }

    [Fact]
    public void InvalidUtf8IsMaskedByteByByte()
    {
        byte[] broken = [0xC3, 0xFF, 0xE2, 0x82, (byte)'a', (byte)'b', (byte)'c', (byte)'d'];
        Assert.Equal("****abcd", Write(new Mask(MaskKind.Last4), broken));
    }

    [Fact]
    public void AWrongKeyLengthIsRefused() => Assert.Throws<ArgumentException>(() => new TextMasker(new byte[16]));

    [Fact]
    public void NothingIsAllocated()
    {
        var output = new byte[256];
        Mask[] masks = [Mask.Redact, new(MaskKind.Last4), new(MaskKind.Email), new(MaskKind.Hash), new(MaskKind.Fixed, "fixed")];
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(20_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                foreach (var mask in masks)
                {
                    Masker.Write(mask, "zoe@example.com"u8, output);
                }

                Masker.TryDetect((Detectors)127, "call 4111-1111-1111-1111 or zoe@example.com"u8, 0, out _);
            }
        }
    }

    private static string Write(Mask mask, ReadOnlySpan<byte> value, TextMasker? masker = null)
    {
        var output = new byte[value.Length + Math.Max(ITextMasker.MostAdded, Encoding.UTF8.GetByteCount(mask.Value ?? ""))];
        return Encoding.UTF8.GetString(output, 0, (masker ?? Masker).Write(mask, value, output));
    }
}
