using System.Buffers;
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

    public void Write(Mask mask, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        switch (mask.Kind)
        {
            case MaskKind.Last4: PartialMask.WriteLast4(value, output); break;
            case MaskKind.Email: PartialMask.WriteEmail(value, output); break;
            case MaskKind.Hash: WriteHash(value, output); break;
            case MaskKind.Fixed: PartialMask.WriteFixed(mask.Value, output); break;
            case MaskKind.Redact or MaskKind.Null: PartialMask.WriteRedacted(output); break;
            // An unknown kind leaves nothing.
            default: PartialMask.WriteRedacted(output); break;
        }
    }

    public void Hash(ReadOnlySpan<byte> value, Span<byte> hash) => HMACSHA256.HashData(_key, value, hash);

    public bool TryDetect(Detectors detectors, ReadOnlySpan<byte> text, int start, out Range found) =>
        Scanner.TryFind(detectors, text, start, out found);

    private void WriteHash(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        // 64 bits as hex: short enough for a column of keys, long enough that equal hashes mean equal values in practice.
        const int kept = 8;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(value, hash);
        var destination = output.GetSpan(kept * 2);
        Convert.TryToHexStringLower(hash[..kept], destination, out var written);
        output.Advance(written);
    }
}
