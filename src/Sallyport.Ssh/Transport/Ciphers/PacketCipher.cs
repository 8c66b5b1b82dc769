namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>
/// Protects the packets of one direction in place. A packet is its length field, padding length, payload, padding and tag in one span.
/// One user at a time.
/// </summary>
internal abstract class PacketCipher : IDisposable
{
    /// <summary>What the padded packet is a multiple of, in bytes (RFC 4253 §6).</summary>
    public abstract int BlockSize { get; }

    /// <summary>The bytes after the padding.</summary>
    public abstract int TagLength { get; }

    /// <summary>How many bytes of a packet must be there before its length can be told.</summary>
    public virtual int HeadLength => 4;

    /// <summary>The length field does not count for <see cref="BlockSize"/>.</summary>
    public virtual bool IsLengthApart => true;

    /// <summary>Encrypts and tags.</summary>
    public abstract void Seal(uint sequence, Span<byte> packet);

    /// <summary>The length field of the next packet. Called once for each packet, with its first <see cref="HeadLength"/> bytes.</summary>
    public abstract uint OpenLength(uint sequence, ReadOnlySpan<byte> head);

    /// <summary>Checks the tag and decrypts. False: changed on its way; nothing about where.</summary>
    public abstract bool TryOpen(uint sequence, Span<byte> packet);

    public abstract void Dispose();
}
