using System.Buffers.Binary;
using Sallyport.Core;

namespace Sallyport.Recording.Ring;

/// <summary>How the parts of one record hang together.</summary>
[Flags]
internal enum PartFlags : byte
{
    None = 0,

    /// <summary>The record goes on in the part that follows.</summary>
    More = 1,

    /// <summary>The record began in the part before.</summary>
    Continued = 2,
}

/// <summary>
/// The header of a record, the same bytes in the ring and in a segment. Layout, little-endian: u32 payload length; u32 CRC-32C over
/// payload, length and the rest of the header; i64 UTC ticks; 16 bytes session id (big-endian); i64 sequence in the session (from 1,
/// all parts of one record share it); u8 <see cref="RecordKind"/>; u8 <see cref="PartFlags"/>; u16 zero.
/// </summary>
internal readonly record struct RecordHeader(
    int Length, uint Crc, long Ticks, SessionId Session, long Sequence, RecordKind Kind, PartFlags Flags)
{
    public const int Size = 44;

    private const int AfterCrc = 8;

    /// <summary>Writes the header of a payload that lies in two pieces, with its checksum.</summary>
    public static void Write(Span<byte> target, in RecordHeader header, ReadOnlySpan<byte> payloadHead, ReadOnlySpan<byte> payloadTail)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)header.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], header.Ticks);
        header.Session.Value.TryWriteBytes(target[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], header.Sequence);
        target[40] = (byte)header.Kind;
        target[41] = (byte)header.Flags;
        target[42] = 0;
        target[43] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Checksum(target, payloadHead, payloadTail));
    }

    public static RecordHeader Read(ReadOnlySpan<byte> source) => new(
        (int)BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        new SessionId(new Guid(source[16..32], bigEndian: true)),
        BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
        (RecordKind)source[40],
        (PartFlags)source[41]);

    /// <summary>Whether the header's bytes and the payload still are what was appended.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payloadHead, ReadOnlySpan<byte> payloadTail) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == Checksum(header, payloadHead, payloadTail);

    private static uint Checksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payloadHead, ReadOnlySpan<byte> payloadTail)
    {
        var running = Crc32C.Append(Crc32C.Append(Crc32C.Start, payloadHead), payloadTail);
        running = Crc32C.Append(running, header[..4]);
        return Crc32C.Finish(Crc32C.Append(running, header[AfterCrc..Size]));
    }
}
