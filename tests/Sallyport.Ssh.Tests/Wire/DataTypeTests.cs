using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Wire;

/// <summary>The data types of RFC 4251 §5.</summary>
public sealed class DataTypeTests
{
    /// <summary>The RFC's own examples.</summary>
    [Theory]
    [InlineData("", "00000000")]
    [InlineData("09a378f9b2e332a7", "0000000809a378f9b2e332a7")]
    [InlineData("80", "000000020080")]
    [InlineData("000080", "000000020080")]
    public void MPIntsAreAsShortAsTheyCanBe(string magnitude, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(new SshWriter().MPInt(Convert.FromHexString(magnitude)).Written));

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var writer = new SshWriter(1).Begin(MessageNumber.ChannelOpen).String("session").UInt32(7).Boolean(true).UInt64(1UL << 40).String([1, 2]);

        var reader = new SshReader(writer.Written);

        Assert.True(reader.TryReadMessageNumber(out var number) && number == MessageNumber.ChannelOpen);
        Assert.True(reader.TryReadString(out var kind) && kind.SequenceEqual("session"u8));
        Assert.True(reader.TryReadUInt32(out var channel) && channel == 7);
        Assert.True(reader.TryReadBoolean(out var flag) && flag);
        Assert.True(reader.TryReadUInt64(out var size) && size == 1UL << 40);
        Assert.True(reader.TryReadString(out var bytes) && bytes.SequenceEqual(new byte[] { 1, 2 }));
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("ffffffff00")]
    [InlineData("0000000201")]
    [InlineData("000000")]
    [InlineData("")]
    public void AStringThatDoesNotFitIsNotRead(string hex)
    {
        var reader = new SshReader(Convert.FromHexString(hex));
        var before = reader.Rest.Length;

        Assert.False(reader.TryReadString(out _));
        Assert.Equal(before, reader.Rest.Length);
    }
}
