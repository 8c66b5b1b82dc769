using System.Buffers.Binary;
using Sallyport.Core;

namespace Sallyport.Recording.Segments;

/// <summary>
/// What a segment knows of a session: the offsets of the first and last block with its records (-1: none here, but still open), its
/// highest sequence so far, whether it has ended. 48 bytes in an index block: 16 id, i64 first, i64 last, i64 sequence, u8 ended, zero.
/// </summary>
internal record struct SessionSpan(long First, long Last, long Sequence, bool Ended)
{
    public const int Size = 48;

    public readonly void Write(Span<byte> target, SessionId session)
    {
        target[..Size].Clear();
        session.Value.TryWriteBytes(target, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], First);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], Last);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], Sequence);
        target[40] = Ended ? (byte)1 : (byte)0;
    }

    public static (SessionId Session, SessionSpan Span) Read(ReadOnlySpan<byte> source) => (
        new SessionId(new Guid(source[..16], bigEndian: true)),
        new SessionSpan(
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            source[40] != 0));
}
