using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sallyport.Sockets.Native;

[Flags]
internal enum Readiness : uint
{
    Readable = 0x1,
    Writable = 0x4,
    Failed = 0x8,
    HungUp = 0x10,

    /// <summary>The peer will send nothing more.</summary>
    PeerEnded = 0x2000,

    EdgeTriggered = 0x8000_0000,
}

/// <summary>The layout of <c>struct epoll_event</c>: packed on x86-64 only.</summary>
internal static class EpollEvents
{
    private static readonly int DataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    public static int Size => DataAt + 8;

    public static void Write(Span<byte> target, Readiness interest, int slot)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)interest);
        BinaryPrimitives.WriteInt32LittleEndian(target[DataAt..], slot);
    }

    public static (Readiness Seen, int Slot) Read(ReadOnlySpan<byte> events, int index)
    {
        var one = events.Slice(index * Size, Size);
        return ((Readiness)BinaryPrimitives.ReadUInt32LittleEndian(one), BinaryPrimitives.ReadInt32LittleEndian(one[DataAt..]));
    }
}
