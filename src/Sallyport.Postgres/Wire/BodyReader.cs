using System.Buffers.Binary;

namespace Sallyport.Postgres.Wire;

/// <summary>Walks a message's body. Each step says whether the bytes were there; nothing is read past the end.</summary>
public ref struct BodyReader
{
    private ReadOnlySpan<byte> _rest;

    public BodyReader(ReadOnlySpan<byte> body) => _rest = body;

    public readonly int Remaining => _rest.Length;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public bool TryByte(out byte value)
    {
        value = 0;
        if (_rest.IsEmpty)
            return false;
        value = _rest[0];
        _rest = _rest[1..];
        return true;
    }

    public bool TryInt16(out short value)
    {
        if (!BinaryPrimitives.TryReadInt16BigEndian(_rest, out value))
            return false;
        _rest = _rest[2..];
        return true;
    }

    /// <summary>A count: the server reads those of Parse and Bind without a sign, up to 65535.</summary>
    public bool TryCount(out int count)
    {
        var isThere = TryInt16(out var value);
        count = (ushort)value;
        return isThere;
    }

    public bool TryInt32(out int value)
    {
        if (!BinaryPrimitives.TryReadInt32BigEndian(_rest, out value))
            return false;
        _rest = _rest[4..];
        return true;
    }

    public bool TryBytes(int length, out ReadOnlySpan<byte> value)
    {
        value = default;
        if ((uint)length > (uint)_rest.Length)
            return false;
        value = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    /// <summary>A string up to its NUL, the NUL left out.</summary>
    public bool TryCString(out ReadOnlySpan<byte> value)
    {
        value = default;
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
            return false;
        value = _rest[..end];
        _rest = _rest[(end + 1)..];
        return true;
    }
}
