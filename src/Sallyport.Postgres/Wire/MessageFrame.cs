using System.Buffers;
using System.Buffers.Binary;

namespace Sallyport.Postgres.Wire;

/// <summary>
/// The frame of every message after the start: one type byte, then an Int32 length that counts itself and the body, big-endian.
/// Parsing is pure: it looks at bytes and never throws on them; who owns the pipe enforces the size limit.
/// </summary>
public static class MessageFrame
{
    /// <summary>Bytes of the type and the length.</summary>
    public const int HeaderLength = 5;

    /// <summary>
    /// Reads the header. False when fewer than <see cref="HeaderLength"/> bytes are there. <paramref name="bodyLength"/> is the
    /// length without the length word itself and is negative when the message lies.
    /// </summary>
    public static bool TryReadHeader(in ReadOnlySequence<byte> buffer, out byte type, out int bodyLength)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= HeaderLength)
        {
            type = first[0];
            bodyLength = unchecked(BinaryPrimitives.ReadInt32BigEndian(first[1..]) - 4);
            return true;
        }
        return TryReadHeaderSlow(buffer, out type, out bodyLength);
    }

    private static bool TryReadHeaderSlow(in ReadOnlySequence<byte> buffer, out byte type, out int bodyLength)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        type = 0;
        bodyLength = 0;
        if (buffer.Length < HeaderLength)
            return false;
        buffer.Slice(0, HeaderLength).CopyTo(header);
        type = header[0];
        bodyLength = unchecked(BinaryPrimitives.ReadInt32BigEndian(header[1..]) - 4);
        return true;
    }
}
