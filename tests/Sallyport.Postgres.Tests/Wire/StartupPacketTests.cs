using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Sallyport.Postgres.Wire;
using Sallyport.Testing.Wire;

namespace Sallyport.Postgres.Tests.Wire;

public sealed class StartupPacketTests
{
    private static byte[] Packet(int code, string body)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(body)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), code);
        Encoding.UTF8.GetBytes(body, bytes.AsSpan(8));
        return bytes;
    }

    [Fact]
    public void AStartupIsReadAtEverySplit()
    {
        var bytes = Packet(StartupCode.Protocol30, "user\0bot-7\0database\0shop\0\0");
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Assert.Equal(StartupRead.Incomplete, StartupPacket.TryRead(new ReadOnlySequence<byte>(bytes, 0, cut), out _, out _));
            var sequence = Segment.Join(bytes.AsMemory(0, cut), bytes.AsMemory(cut));
            Assert.Equal(StartupRead.Complete, StartupPacket.TryRead(sequence, out var packet, out var consumed));
            Assert.Equal("bot-7", packet!.Parameters["user"]);
            Assert.Equal("shop", packet.Parameters["database"]);
            Assert.Equal(bytes.Length, consumed);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(-1)]
    [InlineData(StartupPacket.MaxLength + 1)]
    [InlineData(int.MaxValue)]
    public void Threat5_ALengthThatLiesIsMalformedBeforeAnythingIsBuffered(int length)
    {
        var bytes = Packet(StartupCode.Protocol30, "user\0x\0\0");
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        Assert.Equal(StartupRead.Malformed, StartupPacket.TryRead(new ReadOnlySequence<byte>(bytes), out _, out _));
    }

    [Theory]
    [InlineData("user\0x\0")]
    [InlineData("user\0x\0\0trailing")]
    [InlineData("user\0")]
    [InlineData("user\0x\0user\0y\0\0")]
    public void WhatIsNoParameterListIsMalformed(string body) =>
        Assert.Equal(StartupRead.Malformed, StartupPacket.TryRead(new ReadOnlySequence<byte>(Packet(StartupCode.Protocol30, body)), out _, out _));

    [Fact]
    public void OtherProtocolsAreTold() =>
        Assert.Equal(StartupRead.UnsupportedVersion, StartupPacket.TryRead(new ReadOnlySequence<byte>(Packet(2 << 16, "user\0x\0\0")), out _, out _));

    [Fact]
    public void CancelKeysOfAllLengthsAreRead()
    {
        foreach (var length in (int[])[4, 32, 256])
        {
            var bytes = Packet(StartupCode.Cancel, "\0\0\0\u0007" + new string('k', length));
            Assert.Equal(StartupRead.Complete, StartupPacket.TryRead(new ReadOnlySequence<byte>(bytes), out var packet, out _));
            Assert.Equal(7, packet!.CancelProcessId);
            Assert.Equal(length, packet.CancelKey.Length);
        }
        Assert.Equal(StartupRead.Malformed,
            StartupPacket.TryRead(new ReadOnlySequence<byte>(Packet(StartupCode.Cancel, "\0\0\0\u0007" + new string('k', 257))), out _, out _));
    }
}
