using System.Buffers.Binary;

namespace Sallyport.Ssh.Wire;

/// <summary>
/// Reads the data types of RFC 4251 §5 from one message. Never throws on hostile bytes: a read that does not fit gives false (and
/// leaves the reader where it was). Strings are slices of the message.
/// </summary>
public ref struct SshReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (_rest.IsEmpty)
            return false;
        value = _rest[0];
        _rest = _rest[1..];
        return true;
    }

    public bool TryReadMessageNumber(out MessageNumber number)
    {
        var read = TryReadByte(out var value);
        number = (MessageNumber)value;
        return read;
    }

    /// <summary>All that is not zero is true (RFC 4251 §5).</summary>
    public bool TryReadBoolean(out bool value)
    {
        var read = TryReadByte(out var raw);
        value = raw != 0;
        return read;
    }

    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_rest, out value))
            return false;
        _rest = _rest[4..];
        return true;
    }

    public bool TryReadUInt64(out ulong value)
    {
        if (!BinaryPrimitives.TryReadUInt64BigEndian(_rest, out value))
            return false;
        _rest = _rest[8..];
        return true;
    }

    /// <summary>A <c>string</c>, a <c>name-list</c> or an <c>mpint</c>, without its length.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_rest, out var length) || length > (uint)(_rest.Length - 4))
            return false;
        value = _rest.Slice(4, (int)length);
        _rest = _rest[(4 + (int)length)..];
        return true;
    }

    /// <summary>That many bytes as they are.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> value)
    {
        value = default;
        if ((uint)count > (uint)_rest.Length)
            return false;
        value = _rest[..count];
        _rest = _rest[count..];
        return true;
    }
}
