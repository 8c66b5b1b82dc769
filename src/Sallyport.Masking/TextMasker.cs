using System.Security.Cryptography;
using Sallyport.Core;
using Sallyport.Masking.Detection;

namespace Sallyport.Masking;

/// <summary>
/// Masks and detects in UTF-8 text. Owns the key of the hashes; immutable, thread-safe, allocates nothing per value.
/// Text that is not valid UTF-8 is treated byte by byte: it can be masked, never thrown on.
/// </summary>
public sealed class TextMasker : ITextMasker
{
    /// <summary>The key's length in bytes (HMAC-SHA-256).</summary>
    public const int KeyLength = 32;

    private readonly byte[] _key;

    /// <exception cref="ArgumentException">The key is not <see cref="KeyLength"/> bytes.</exception>
    public TextMasker(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyLength) throw new ArgumentException($"The masking key must be {KeyLength} bytes.", nameof(key));
        _key = key.ToArray();
    }

    public int LongestDetected => Scanner.LongestFound;

    public int Write(Mask mask, ReadOnlySpan<byte> value, Span<byte> destination) => mask.Kind switch
    {
        MaskKind.Last4 => PartialMask.WriteLast4(value, destination),
        MaskKind.Email => PartialMask.WriteEmail(value, destination),
        MaskKind.Hash => WriteHash(value, destination),
        MaskKind.Fixed => PartialMask.WriteFixed(mask.Value, destination),
        // An unknown kind leaves nothing.
        _ => PartialMask.WriteRedacted(destination),
    };

    public void Hash(ReadOnlySpan<byte> value, Span<byte> hash) => HMACSHA256.HashData(_key, value, hash);

    public bool TryDetect(Detectors detectors, ReadOnlySpan<byte> text, int start, out Range found) =>
        Scanner.TryFind(detectors, text, start, out found);

    private int WriteHash(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        // 64 bits as hex: short enough for a column of keys, long enough that equal hashes mean equal values in practice.
        const int kept = 8;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(value, hash);
        Convert.TryToHexStringLower(hash[..kept], destination, out var written);
        return written;
    }
}
