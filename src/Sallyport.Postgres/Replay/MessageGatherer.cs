using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Replay;

/// <summary>Gathers whole messages (byte type, i32 length with itself, body) out of bytes that were cut anywhere.</summary>
internal sealed class MessageGatherer
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _at;

    /// <summary>A length that no message has was met: nothing after it can be read.</summary>
    public bool IsBroken { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_at > 0)
        {
            var rest = _bytes.WrittenSpan[_at..].ToArray();
            _bytes.ResetWrittenCount();
            _bytes.Write(rest);
            _at = 0;
        }
        _bytes.Write(bytes);
    }

    public bool TryTake(out char type, out ReadOnlySpan<byte> body)
    {
        type = default;
        body = default;
        var rest = _bytes.WrittenSpan[_at..];
        if (IsBroken || rest.Length < MessageFrame.HeaderLength)
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
        if (length < 4)
        {
            IsBroken = true;
            return false;
        }
        if (rest.Length - 1 < length)
            return false;
        type = (char)rest[0];
        body = rest[MessageFrame.HeaderLength..(1 + length)];
        _at += 1 + length;
        return true;
    }
}
