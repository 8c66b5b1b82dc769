using Blake3;

namespace Sallyport.Recording.Segments;

/// <summary>
/// The hash that chains a recording: BLAKE3, unkeyed, 32 bytes of output (the BLAKE3 paper, section 2). As strong against collisions as
/// SHA-256, and with wide vectors at a fraction of its cost, which was more than all else a streamed byte costs the gateway.
/// </summary>
internal static class ChainHash
{
    public const int Size = 32;

    /// <summary>The name in a segment's header, eight bytes.</summary>
    public static ReadOnlySpan<byte> Name => "BLAKE3\0\0"u8;

    /// <summary>Hashes into the first <see cref="Size"/> bytes of <paramref name="hash"/>; allocates nothing.</summary>
    public static void Compute(ReadOnlySpan<byte> bytes, Span<byte> hash) => Hasher.Hash(bytes, hash[..Size]);

    public static byte[] Compute(ReadOnlySpan<byte> bytes)
    {
        var hash = new byte[Size];
        Compute(bytes, hash);
        return hash;
    }
}
