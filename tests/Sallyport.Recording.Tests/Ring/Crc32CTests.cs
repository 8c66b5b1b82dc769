using Sallyport.Recording.Ring;

namespace Sallyport.Recording.Tests.Ring;

public class Crc32CTests
{
    [Fact]
    public void Agrees_with_the_examples_of_rfc_3720()
    {
        Assert.Equal(0x8a9136aau, Crc32C.Finish(Crc32C.Append(Crc32C.Start, new byte[32])));
        Assert.Equal(0x62a8ab43u, Crc32C.Finish(Crc32C.Append(Crc32C.Start, Enumerable.Repeat((byte)0xff, 32).ToArray())));
        Assert.Equal(0x46dd794eu, Crc32C.Finish(Crc32C.Append(Crc32C.Start, [.. Enumerable.Range(0, 32).Select(static i => (byte)i)])));
        Assert.Equal(0xe3069283u, Crc32C.Finish(Crc32C.Append(Crc32C.Start, "123456789"u8)));
    }

    [Fact]
    public void Is_the_same_at_each_length_and_however_the_bytes_are_cut()
    {
        var bytes = new byte[6000];
        new Random(1).NextBytes(bytes);
        var expected = Crc32C.Start;
        for (var length = 0; length <= bytes.Length; length++)
        {
            Assert.Equal(expected, Crc32C.Append(Crc32C.Start, bytes.AsSpan(0, length)));
            Assert.Equal(expected, Crc32C.Append(Crc32C.Append(Crc32C.Start, bytes.AsSpan(0, length / 3)), bytes.AsSpan(length / 3, length - length / 3)));
            if (length < bytes.Length)
                expected = OneByteBitwise(expected, bytes[length]);
        }
    }

    /// <summary>The definition: the reflected polynomial 0x82f63b78, bit by bit.</summary>
    private static uint OneByteBitwise(uint running, byte value)
    {
        running ^= value;
        for (var bit = 0; bit < 8; bit++)
            running = (running >> 1) ^ ((running & 1) * 0x82f63b78);
        return running;
    }
}
