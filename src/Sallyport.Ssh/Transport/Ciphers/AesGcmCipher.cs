using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>aes128-gcm@openssh.com and aes256-gcm@openssh.com: RFC 5647, the length field is authenticated but not encrypted.</summary>
internal sealed class AesGcmCipher : PacketCipher
{
    private const int Tag = 16;

    private readonly AesGcm _aes;
    private readonly byte[] _nonce;

    public AesGcmCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv)
    {
        _aes = new AesGcm(key, Tag);
        _nonce = iv.ToArray();
    }

    public override int BlockSize => 16;

    public override int TagLength => Tag;

    public override void Seal(uint sequence, Span<byte> packet)
    {
        var text = packet[4..^Tag];
        _aes.Encrypt(_nonce, text, text, packet[^Tag..], packet[..4]);
        Count();
    }

    public override uint OpenLength(uint sequence, ReadOnlySpan<byte> head) => BinaryPrimitives.ReadUInt32BigEndian(head);

    public override bool TryOpen(uint sequence, Span<byte> packet)
    {
        var text = packet[4..^Tag];
        try
        {
            _aes.Decrypt(_nonce, text, packet[^Tag..], text, packet[..4]);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        Count();
        return true;
    }

    public override void Dispose() => _aes.Dispose();

    /// <summary>The invocation counter of RFC 5647 §7.1: the last 8 bytes.</summary>
    private void Count()
    {
        var counter = _nonce.AsSpan(4);
        BinaryPrimitives.WriteUInt64BigEndian(counter, BinaryPrimitives.ReadUInt64BigEndian(counter) + 1);
    }
}
