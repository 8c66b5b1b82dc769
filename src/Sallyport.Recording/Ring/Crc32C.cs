using System.Buffers.Binary;
using System.Numerics;

namespace Sallyport.Recording.Ring;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4) with the processor's own instruction; continues over several spans.</summary>
internal static class Crc32C
{
    public const uint Start = uint.MaxValue;

    // The instruction takes three cycles and one can begin in each: three lanes keep it busy, where joining them is worth it.
    private const int Lane = 512;
    private const int Lanes = 3 * Lane;

    private static readonly uint[] BehindLane = MakeBehindLane();

    public static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= Lanes)
        {
            running = AppendLanes(running, bytes);
            bytes = bytes[Lanes..];
        }
        return AppendStraight(running, bytes);
    }

    public static uint Finish(uint running) => ~running;

    private static uint AppendStraight(uint running, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            running = BitOperations.Crc32C(running, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        if (bytes.Length >= sizeof(uint))
        {
            running = BitOperations.Crc32C(running, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            bytes = bytes[sizeof(uint)..];
        }
        foreach (var value in bytes)
            running = BitOperations.Crc32C(running, value);
        return running;
    }

    private static uint AppendLanes(uint running, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> one = bytes[..Lane], two = bytes[Lane..(2 * Lane)], three = bytes[(2 * Lane)..Lanes];
        uint second = 0, third = 0;
        for (var at = 0; at < Lane; at += sizeof(ulong))
        {
            running = BitOperations.Crc32C(running, BinaryPrimitives.ReadUInt64LittleEndian(one[at..]));
            second = BitOperations.Crc32C(second, BinaryPrimitives.ReadUInt64LittleEndian(two[at..]));
            third = BitOperations.Crc32C(third, BinaryPrimitives.ReadUInt64LittleEndian(three[at..]));
        }
        return PassLane(PassLane(running) ^ second) ^ third;
    }

    /// <summary>The checksum with a lane of zeros behind it: it is linear, so each of its bytes is looked up by itself.</summary>
    private static uint PassLane(uint running) =>
        BehindLane[running & 0xff] ^ BehindLane[256 + ((running >> 8) & 0xff)] ^
        BehindLane[512 + ((running >> 16) & 0xff)] ^ BehindLane[768 + (running >> 24)];

    private static uint[] MakeBehindLane()
    {
        var table = new uint[4 * 256];
        var zeros = new byte[Lane];
        // Linear too: what a byte makes is what its bits make.
        for (var i = 0; i < table.Length; i++)
        {
            var (place, value) = (i & ~0xff, i & 0xff);
            var rest = value & (value - 1);
            table[i] = rest == 0 ? AppendStraight((uint)value << (8 * (i >> 8)), zeros) : table[place + rest] ^ table[place + (value ^ rest)];
        }
        return table;
    }
}
