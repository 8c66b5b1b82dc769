using System.Buffers.Binary;
using System.Globalization;

namespace Sallyport.Recording.Segments;

/// <summary>
/// The start of a segment, 128 bytes little-endian: 8 bytes magic; u32 version; u32 zero; i64 created (UTC ticks); u64 segment number
/// (from 1); u64 number of its first record (all segments count on); 32 bytes final hash of the segment before (zero in the first);
/// 32 bytes SHA-256 of the gateway's public key; i64 ring epoch and i64 ring position already stored when it was made; 8 bytes name of
/// the hash, <c>BLAKE3</c> and zeros. The hash of these bytes begins the segment's chain.
/// </summary>
internal readonly record struct SegmentHeader(
    long CreatedTicks, long Number, long FirstRecord, byte[] Previous, byte[] KeyId, long RingEpoch, long RingEnd)
{
    public const int Size = 128;

    private const int Version = 2;

    private const int HashNameAt = 120;

    private static ReadOnlySpan<byte> Magic => "SLPYSEG\n"u8;

    public void Write(Span<byte> target)
    {
        target[..Size].Clear();
        Magic.CopyTo(target);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], CreatedTicks);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], FirstRecord);
        Previous.CopyTo(target[40..]);
        KeyId.CopyTo(target[72..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[104..], RingEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(target[112..], RingEnd);
        ChainHash.Name.CopyTo(target[HashNameAt..]);
    }

    /// <summary>False when this is no segment; throws <see cref="InvalidDataException"/> when it is one of another format.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Size || !source.StartsWith(Magic))
            return false;
        var version = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        var isKnown = source[HashNameAt..Size].SequenceEqual(ChainHash.Name);
        if (version != Version || !isKnown)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"is of format {version} with {(isKnown ? "the" : "another")} hash; this gateway reads format {Version} with BLAKE3"));
        }
        header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            source[40..72].ToArray(),
            source[72..104].ToArray(),
            BinaryPrimitives.ReadInt64LittleEndian(source[104..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[112..]));
        return true;
    }
}

internal enum BlockKind : byte
{
    Records = 0,

    /// <summary>The sessions of the segment: entries of <see cref="SessionSpan"/>.</summary>
    Index = 1,
}

/// <summary>
/// A block: 88 bytes of header, the payload, 32 bytes hash over both. Header, little-endian: u32 magic; u8 kind, 3 zero; u32 payload
/// length; u32 entries; i64 number of the first record; i64 ring epoch; i64 ring position behind the last record; i64 written (UTC
/// ticks); 8 zero; 32 bytes hash of the block before. The hash alone says whether a block is whole.
/// </summary>
internal readonly record struct BlockHeader(
    BlockKind Kind, int Length, int Count, long FirstRecord, long RingEpoch, long RingEnd, long Ticks)
{
    public const int Size = 88;
    public const int PreviousAt = 56;

    /// <summary>Bytes of a block beyond its payload.</summary>
    public const int Overhead = Size + ChainHash.Size;

    /// <summary>The longest payload: a block is closed when another part might not fit.</summary>
    public const int MaxPayload = 2 * 1024 * 1024;

    private const uint Magic = 0x4B4C4253;

    public void Write(Span<byte> target, ReadOnlySpan<byte> previous)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        target[4] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], FirstRecord);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], RingEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], RingEnd);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], Ticks);
        previous.CopyTo(target[PreviousAt..]);
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out BlockHeader header)
    {
        header = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
            return false;
        header = new BlockHeader(
            (BlockKind)source[4],
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[40..]));
        return header.Length is >= 0 and <= MaxPayload && header.Count >= 0;
    }
}

/// <summary>
/// The end of a finished segment, 128 bytes little-endian: u32 magic; u32 one when it was closed by the start after a crash; i64 UTC
/// ticks; i64 offset of the first index block; i64 number of the next record; 32 bytes final hash; 64 bytes ECDSA P-256 signature
/// (IEEE P1363, SHA-256) over the bytes before it.
/// </summary>
internal readonly record struct Seal(bool AfterCrash, long Ticks, long IndexOffset, long NextRecord, byte[] FinalHash)
{
    public const int Size = 128;
    public const int SignedSize = 64;

    private const uint Magic = 0x4C414553;

    public byte[] ToBytes(GatewayKey key)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), AfterCrash ? 1u : 0u);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), IndexOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), NextRecord);
        FinalHash.CopyTo(bytes, 32);
        key.Sign(bytes.AsSpan(0, SignedSize), bytes.AsSpan(SignedSize));
        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out Seal seal)
    {
        seal = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
            return false;
        seal = new Seal(
            BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) != 0,
            BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            source[32..SignedSize].ToArray());
        return true;
    }
}
