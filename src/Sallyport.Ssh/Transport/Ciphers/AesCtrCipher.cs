using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>
/// aes*-ctr with an HMAC: over the plain packet (RFC 4253 §6.4), or over the encrypted one with a length field in the clear (-etm).
/// </summary>
internal sealed class AesCtrCipher : PacketCipher
{
    private const int Block = 16;

    private readonly AesCtr _aes;
    private readonly IncrementalHash _mac;
    private readonly bool _isMacLast;
    private readonly byte[] _head = new byte[Block];

    /// <param name="key">Of the cipher, 16 or 32 bytes.</param>
    /// <param name="iv">16 bytes.</param>
    /// <param name="hash">SHA-256 or SHA-512.</param>
    /// <param name="macKey">As long as the hash.</param>
    /// <param name="isMacLast">Encrypt, then MAC.</param>
    public AesCtrCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, HashAlgorithmName hash, ReadOnlySpan<byte> macKey, bool isMacLast)
    {
        _aes = new AesCtr(key, iv);
        _mac = IncrementalHash.CreateHMAC(hash, macKey);
        _isMacLast = isMacLast;
    }

    public override int BlockSize => Block;

    public override int TagLength => _mac.HashLengthInBytes;

    public override int HeadLength => _isMacLast ? 4 : Block;

    public override bool IsLengthApart => _isMacLast;

    public override void Seal(uint sequence, Span<byte> packet)
    {
        var text = packet[..^TagLength];
        if (_isMacLast)
        {
            _aes.Xor(text[4..]);
            ComputeTag(sequence, text, packet[^TagLength..]);
        }
        else
        {
            ComputeTag(sequence, text, packet[^TagLength..]);
            _aes.Xor(text);
        }
    }

    public override uint OpenLength(uint sequence, ReadOnlySpan<byte> head)
    {
        if (_isMacLast)
            return BinaryPrimitives.ReadUInt32BigEndian(head);
        head[..Block].CopyTo(_head);
        _aes.Xor(_head);
        return BinaryPrimitives.ReadUInt32BigEndian(_head);
    }

    public override bool TryOpen(uint sequence, Span<byte> packet)
    {
        Span<byte> tag = stackalloc byte[64];
        tag = tag[..TagLength];
        var text = packet[..^TagLength];
        if (!_isMacLast)
        {
            // The head was decrypted for its length, and the key stream has gone on since.
            _head.CopyTo(text);
            _aes.Xor(text[Block..]);
        }
        ComputeTag(sequence, text, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[^TagLength..]))
            return false;
        if (_isMacLast)
            _aes.Xor(text[4..]);
        return true;
    }

    public override void Dispose()
    {
        _aes.Dispose();
        _mac.Dispose();
    }

    private void ComputeTag(uint sequence, ReadOnlySpan<byte> text, Span<byte> tag)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, sequence);
        _mac.AppendData(number);
        _mac.AppendData(text);
        _mac.GetHashAndReset(tag);
    }
}
