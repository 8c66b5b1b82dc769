using System.Buffers.Binary;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>Before the first NEWKEYS.</summary>
internal sealed class PlainCipher : PacketCipher
{
    public override int BlockSize => 8;

    public override int TagLength => 0;

    public override bool IsLengthApart => false;

    public override void Seal(uint sequence, Span<byte> packet)
    {
    }

    public override uint OpenLength(uint sequence, ReadOnlySpan<byte> head) => BinaryPrimitives.ReadUInt32BigEndian(head);

    public override bool TryOpen(uint sequence, Span<byte> packet) => true;

    public override void Dispose()
    {
    }
}
