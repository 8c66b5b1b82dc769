using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport.Packets;
using Sallyport.Testing.Wire;

namespace Sallyport.Ssh.Tests.Transport;

public sealed class PacketTests
{
    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public void PayloadsOfEveryLengthComeThrough(string cipher, string mac)
    {
        var (writer, reader) = Packets.Make(cipher, mac);
        foreach (var length in Enumerable.Range(1, 600).Concat([4095, 4096, 4097, 32_768, 35_000, 200_000]))
        {
            var payload = RandomNumberGenerator.GetBytes(length);
            var output = new ArrayBufferWriter<byte>();
            writer.Write(output, payload.AsSpan(0, length / 3), payload.AsSpan(length / 3));
            Assert.Equal(PacketStatus.Complete, reader.Read(output.WrittenSpan.ToArray(), out var read));
            Assert.Equal(payload, read);
        }
        Assert.Equal(writer.Bytes, reader.Bytes);
        Assert.Equal(606, reader.Packets);
    }

    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public void APacketCutInTwoAnywhereIsReadWhenItIsWhole(string cipher, string mac)
    {
        var (writer, reader) = Packets.Make(cipher, mac);
        for (var cut = 0; ; cut++)
        {
            var payload = RandomNumberGenerator.GetBytes(100);
            var bytes = writer.Write(payload);
            if (cut == bytes.Length)
                break;
            var part = new ReadOnlySequence<byte>(bytes, 0, cut);
            Assert.Equal(PacketStatus.Incomplete, reader.TryRead(ref part, out _));
            var whole = Segment.Join(bytes.AsMemory(0, cut), bytes.AsMemory(cut));
            Assert.Equal(PacketStatus.Complete, reader.TryRead(ref whole, out var read));
            Assert.True(read.Span.SequenceEqual(payload));
            Assert.True(whole.IsEmpty);
        }
    }

    /// <summary>
    /// THREATS 44: whatever bit is flipped, nothing of the packet is given out, and no more is said than that it was changed. In the
    /// length field it may also be out of bounds, or announce a packet that does not come.
    /// </summary>
    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public void AFlippedBitInAnyRegionIsOneFailure(string cipher, string mac)
    {
        for (var at = 0; ; at++)
        {
            var (writer, reader) = Packets.Make(cipher, mac);
            var bytes = writer.Write(RandomNumberGenerator.GetBytes(40));
            if (at == bytes.Length)
                break;
            bytes[at] ^= (byte)(1 << (at % 8));
            var status = reader.Read(bytes, out var read);
            Assert.Empty(read);
            if (at < 4)
                Assert.Contains(status, (PacketStatus[])[PacketStatus.BadLength, PacketStatus.Incomplete, PacketStatus.BadTag]);
            else
                Assert.Equal(PacketStatus.BadTag, status);
        }
    }

    /// <summary>A length that was changed is found out when the announced bytes have come, as any other change.</summary>
    [Theory]
    [InlineData("aes128-ctr", "hmac-sha2-256")]
    [InlineData("aes256-ctr", "hmac-sha2-512")]
    public void UnderEncryptAndMACTheAnnouncedLengthIsReadBeforeItFails(string cipher, string mac)
    {
        var (writer, reader) = Packets.Make(cipher, mac);
        var bytes = writer.Write(RandomNumberGenerator.GetBytes(40));
        bytes[2] ^= 0x10;
        Assert.Equal(PacketStatus.Incomplete, reader.Read(bytes, out _));
        Assert.Equal(PacketStatus.Incomplete, reader.Read([.. bytes, .. new byte[4000]], out _));
        Assert.Equal(PacketStatus.BadTag, reader.Read([.. bytes, .. new byte[4096]], out _));
    }

    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public void APacketThatIsRepeatedLeftOutOrSwappedIsRefused(string cipher, string mac)
    {
        foreach (var order in (int[][])[[0, 0], [1], [0, 2, 1]])
        {
            var (writer, reader) = Packets.Make(cipher, mac);
            byte[][] packets = [writer.Write(1, 2), writer.Write(3, 4), writer.Write(5, 6)];
            var last = PacketStatus.Complete;
            foreach (var i in order)
            {
                if (last == PacketStatus.Complete)
                    last = reader.Read([.. packets[i], .. new byte[400_000]], out _);
            }
            Assert.NotEqual(PacketStatus.Complete, last);
        }
    }

    /// <summary>THREATS 44.</summary>
    [Theory]
    [InlineData(0xffffffff)]
    [InlineData(0x80000000)]
    [InlineData(4u << 20)]
    [InlineData(35_004u)]
    [InlineData(13u)]
    [InlineData(4u)]
    [InlineData(0u)]
    public void ALengthOutOfBoundsIsRefusedBeforeAByteOfThePacketIsAwaited(uint length)
    {
        using var reader = new PacketReader();
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, length);
        Assert.Equal(PacketStatus.BadLength, reader.Read(bytes, out _));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(255)]
    public void PaddingThatIsTooShortOrLeavesNoPayloadIsRefused(byte padding)
    {
        using var reader = new PacketReader();
        Assert.Equal(PacketStatus.BadPadding, reader.Read([0, 0, 0, 12, padding, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], out _));
    }

    [Fact]
    public void TheMostPaddingThatLeavesAPayloadIsRead()
    {
        using var reader = new PacketReader();
        Assert.Equal(PacketStatus.Complete, reader.Read([0, 0, 0, 12, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], out var payload));
        Assert.Equal([2], payload);
    }

    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public void NothingIsAllocatedForAPacket(string cipher, string mac)
    {
        var (writer, reader) = Packets.Make(cipher, mac);
        var output = new ArrayBufferWriter<byte>(70_000);
        var payload = RandomNumberGenerator.GetBytes(32_768);
        long before = 0;
        for (var i = 0; i < 40; i++)
        {
            if (i == 20)
                before = GC.GetAllocatedBytesForCurrentThread();
            output.ResetWrittenCount();
            writer.Write(output, payload.AsSpan(0, 9), payload.AsSpan(9));
            writer.Write(output, payload.AsSpan(0, 9), payload.AsSpan(9, 55));
            var buffer = new ReadOnlySequence<byte>(output.WrittenMemory);
            while (!buffer.IsEmpty && reader.TryRead(ref buffer, out _) == PacketStatus.Complete)
            {
            }
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(40 * 2, reader.Packets);
        Assert.Equal(0, allocated);
    }
}
