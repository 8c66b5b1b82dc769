using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sallyport.Ssh.Wire;

/// <summary>
/// Puts the data types of RFC 4251 §5 together in a buffer that grows and is used again (<see cref="Clear"/>). Not thread-safe.
/// </summary>
public sealed class SshWriter(int capacity = 256)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(capacity);

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.WrittenMemory;

    /// <summary>Forgets what was written.</summary>
    public SshWriter Clear()
    {
        _buffer.ResetWrittenCount();
        return this;
    }

    /// <summary>Forgets what was written and begins a message.</summary>
    public SshWriter Begin(MessageNumber number) => Clear().Byte((byte)number);

    public SshWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public SshWriter Boolean(bool value) => Byte(value ? (byte)1 : (byte)0);

    public SshWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public SshWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    public SshWriter String(ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        return Bytes(value);
    }

    /// <summary>A string in UTF-8.</summary>
    public SshWriter String(string value)
    {
        UInt32((uint)Encoding.UTF8.GetByteCount(value));
        _buffer.Advance(Encoding.UTF8.GetBytes(value, _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length))));
        return this;
    }

    /// <summary>A number that is not negative, given as big-endian bytes of any length.</summary>
    public SshWriter MPInt(ReadOnlySpan<byte> magnitude)
    {
        magnitude = magnitude.TrimStart((byte)0);
        var padded = !magnitude.IsEmpty && (magnitude[0] & 0x80) != 0;
        UInt32((uint)(magnitude.Length + (padded ? 1 : 0)));
        if (padded)
            Byte(0);
        return Bytes(magnitude);
    }

    /// <summary>Bytes as they are, without a length.</summary>
    public SshWriter Bytes(ReadOnlySpan<byte> value)
    {
        _buffer.Write(value);
        return this;
    }
}
