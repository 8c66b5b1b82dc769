using System.Buffers.Binary;
using System.Text;

namespace Sallyport.Load.Wire;

/// <summary>
/// Walks over what a server sends without reading it, up to ReadyForQuery, wherever reads cut the bytes. A struct to be kept in place: one
/// per connection, and nothing allocated.
/// </summary>
internal struct AnswerWalker
{
    private const int HeaderLength = 5;

    private ulong _header;
    private int _headerHeld;
    private int _bodyLeft;

    /// <summary>The first DataRow of the answer has begun.</summary>
    public bool HasRow { get; private set; }

    /// <summary>The server's words, as far as they had come, when the answer has an ErrorResponse.</summary>
    public string? Error { get; private set; }

    /// <summary>True when these bytes end the answer.</summary>
    public bool Take(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var skipped = Math.Min(_bodyLeft, bytes.Length);
            _bodyLeft -= skipped;
            bytes = bytes[skipped..];
            if (_bodyLeft > 0)
                return false;
            if (_headerHeld == HeaderLength)
            {
                _headerHeld = 0;
                if ((byte)(_header >> 32) == 'Z')
                {
                    if (!bytes.IsEmpty)
                        throw new InvalidDataException("The server said more than it was asked.");
                    HasRow = false;
                    return true;
                }
            }
            if (_headerHeld == 0 && bytes.Length >= HeaderLength)
            {
                _header = (ulong)bytes[0] << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
                _headerHeld = HeaderLength;
                bytes = bytes[HeaderLength..];
            }
            while (_headerHeld < HeaderLength && !bytes.IsEmpty)
            {
                _header = _header << 8 | bytes[0];
                _headerHeld++;
                bytes = bytes[1..];
            }
            if (_headerHeld < HeaderLength)
                return false;
            Begin((byte)(_header >> 32), (uint)_header, bytes);
        }
    }

    private void Begin(byte type, uint length, ReadOnlySpan<byte> rest)
    {
        _bodyLeft = checked((int)length) - 4;
        if (type == 'D')
            HasRow = true;
        if (type == 'E')
            Error = Encoding.UTF8.GetString(rest[..Math.Min(_bodyLeft, rest.Length)]).Replace('\0', ' ');
    }

    /// <summary>A load that is refused measures nothing.</summary>
    public readonly void ThrowIfRefused()
    {
        if (Error is not null)
            throw new InvalidOperationException($"The server refused: {Error}");
    }
}
