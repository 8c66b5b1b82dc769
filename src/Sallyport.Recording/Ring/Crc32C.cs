using System.Buffers.Binary;
using System.Numerics;

namespace Sallyport.Recording.Ring;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4) with the processor's own instruction; continues over several spans.</summary>
internal static class Crc32C
{
    public const uint Start = uint.MaxValue;

    public static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            running = BitOperations.Crc32C(running, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var value in bytes)
            running = BitOperations.Crc32C(running, value);
        return running;
    }

    public static uint Finish(uint running) => ~running;

    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));
}
