using System.Buffers.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>A keyed hash in the form of a UUID of version 8 (RFC 9562 §5.8), the same for a value in both formats.</summary>
internal static class UuidMask
{
    public const int TextLength = 36;

    private const int Length = 16;

    public static bool TryWriteHash(ITextMasker masker, short format, ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> hash = stackalloc byte[32];
        if (format != 0)
        {
            if (value.Length != Length) return false;
            value.CopyTo(bytes);
        }
        else
        {
            if (!Utf8Parser.TryParse(value, out Guid read, out var consumed) || consumed != value.Length) return false;
            read.TryWriteBytes(bytes, bigEndian: true, out _);
        }

        masker.Hash(bytes, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        if (format != 0)
        {
            hash[..Length].CopyTo(destination);
            written = Length;
            return true;
        }

        var masked = new Guid(hash[..Length], bigEndian: true);
        return Utf8Formatter.TryFormat(masked, destination, out written);
    }
}
