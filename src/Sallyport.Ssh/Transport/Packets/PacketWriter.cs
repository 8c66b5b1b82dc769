using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Ssh.Transport.Ciphers;

namespace Sallyport.Ssh.Transport.Packets;

/// <summary>Puts packets (RFC 4253 §6) into a pipe's memory and encrypts them there. Owns the cipher. Not thread-safe.</summary>
internal sealed class PacketWriter : IDisposable
{
    private const int LeastPadding = 4;

    private PacketCipher _cipher = new PlainCipher();

    /// <summary>The number of the packet that comes next.</summary>
    public uint Sequence { get; private set; }

    /// <summary>Bytes of the wire.</summary>
    public long Bytes { get; private set; }

    public long Packets { get; private set; }

    public void Use(PacketCipher cipher, bool restart)
    {
        _cipher.Dispose();
        _cipher = cipher;
        if (restart)
            Sequence = 0;
    }

    /// <summary>One packet with the payload <paramref name="head"/> and <paramref name="body"/> together.</summary>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        var payload = head.Length + body.Length;
        var block = _cipher.BlockSize;
        var aligned = (_cipher.IsLengthApart ? 0 : 4) + 1 + payload + LeastPadding;
        var padding = LeastPadding + (block - aligned % block) % block;
        var total = 5 + payload + padding + _cipher.TagLength;

        var packet = output.GetSpan(total)[..total];
        BinaryPrimitives.WriteUInt32BigEndian(packet, (uint)(1 + payload + padding));
        packet[4] = (byte)padding;
        head.CopyTo(packet[5..]);
        body.CopyTo(packet[(5 + head.Length)..]);
        // RFC 4253 §6 wants the padding random for CBC's sake; under a stream cipher its content tells nothing.
        packet.Slice(5 + payload, padding).Clear();
        _cipher.Seal(Sequence, packet);
        output.Advance(total);
        Sequence++;
        Packets++;
        Bytes += total;
    }

    public void Dispose() => _cipher.Dispose();
}
