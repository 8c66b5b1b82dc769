using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>
/// chacha20-poly1305@openssh.com (OpenSSH's PROTOCOL.chacha20poly1305): the nonce is the sequence number, one key for the length
/// field, one for the rest; the first block of the rest's key stream is the key of the tag.
/// </summary>
internal sealed class ChaChaPolyCipher : PacketCipher
{
    private const int Tag = 16;

    private readonly byte[] _textKey;
    private readonly byte[] _lengthKey;

    /// <param name="key">64 bytes.</param>
    public ChaChaPolyCipher(ReadOnlySpan<byte> key)
    {
        _textKey = key[..32].ToArray();
        _lengthKey = key[32..64].ToArray();
    }

    public override int BlockSize => 8;

    public override int TagLength => Tag;

    public override void Seal(uint sequence, Span<byte> packet)
    {
        ChaCha20.Xor(_lengthKey, sequence, 0, packet[..4]);
        ChaCha20.Xor(_textKey, sequence, 1, packet[4..^Tag]);
        ComputeTag(sequence, packet[..^Tag], packet[^Tag..]);
    }

    public override uint OpenLength(uint sequence, ReadOnlySpan<byte> head)
    {
        Span<byte> length = stackalloc byte[4];
        head.CopyTo(length);
        ChaCha20.Xor(_lengthKey, sequence, 0, length);
        return BinaryPrimitives.ReadUInt32BigEndian(length);
    }

    public override bool TryOpen(uint sequence, Span<byte> packet)
    {
        Span<byte> tag = stackalloc byte[Tag];
        ComputeTag(sequence, packet[..^Tag], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[^Tag..]))
            return false;
        ChaCha20.Xor(_textKey, sequence, 1, packet[4..^Tag]);
        return true;
    }

    public override void Dispose()
    {
        CryptographicOperations.ZeroMemory(_textKey);
        CryptographicOperations.ZeroMemory(_lengthKey);
    }

    private void ComputeTag(uint sequence, ReadOnlySpan<byte> sealedPacket, Span<byte> tag)
    {
        Span<byte> key = stackalloc byte[32];
        key.Clear();
        ChaCha20.Xor(_textKey, sequence, 0, key);
        Poly1305.Compute(key, sealedPacket, tag);
    }
}
