using System.Buffers;
using System.Runtime.InteropServices;
using Sallyport.Ssh.Transport.Ciphers;

namespace Sallyport.Ssh.Transport.Packets;

/// <summary>
/// Takes packets (RFC 4253 §6) from a pipe's buffer. A packet that lies in one piece is decrypted there, so its payload is a slice of
/// the buffer; any other is put together in memory of its own, used again. Owns the cipher. Not thread-safe.
/// </summary>
internal sealed class PacketReader : IDisposable
{
    private const int LeastPadding = 4;

    private PacketCipher _cipher = new PlainCipher();
    private byte[] _pieces = [];
    private uint? _length;

    /// <summary>The longest packet_length.</summary>
    public int MaxLength { get; set; } = 35_000;

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

    /// <param name="buffer">What arrived; a packet taken is cut off its front.</param>
    /// <param name="payload">Valid as long as the buffer, and until the next call.</param>
    public PacketStatus TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (_length is null)
        {
            var headLength = _cipher.HeadLength;
            if (buffer.Length < headLength)
                return PacketStatus.Incomplete;
            if (buffer.FirstSpan.Length >= headLength)
            {
                _length = _cipher.OpenLength(Sequence, buffer.FirstSpan[..headLength]);
            }
            else
            {
                Span<byte> head = stackalloc byte[headLength];
                buffer.Slice(0, headLength).CopyTo(head);
                _length = _cipher.OpenLength(Sequence, head);
            }
            if (!IsLength(_length.Value))
                return PacketStatus.BadLength;
        }

        var total = 4 + (int)_length.Value + _cipher.TagLength;
        if (buffer.Length < total)
            return PacketStatus.Incomplete;
        var packet = Contiguous(buffer, total);
        var isAuthentic = _cipher.TryOpen(Sequence, packet.Span);
        buffer = buffer.Slice(total);
        _length = null;
        Sequence++;
        Packets++;
        Bytes += total;
        if (!isAuthentic)
            return PacketStatus.BadTag;

        var text = packet[4..^_cipher.TagLength];
        int padding = text.Span[0];
        if (padding < LeastPadding || padding + 1 >= text.Length)
            return PacketStatus.BadPadding;
        payload = text[1..^padding];
        return PacketStatus.Complete;
    }

    public void Dispose()
    {
        _cipher.Dispose();
        _pieces = [];
    }

    /// <summary>At least padding length, one byte of payload and padding; a multiple of the block size; no longer than allowed.</summary>
    private bool IsLength(uint length) =>
        length >= LeastPadding + 2 && length <= (uint)MaxLength
        && ((_cipher.IsLengthApart ? 0 : 4) + length) % (uint)_cipher.BlockSize == 0;

    private Memory<byte> Contiguous(in ReadOnlySequence<byte> buffer, int total)
    {
        // A pipe's buffer is the reader's alone until it advances over it.
        if (buffer.First.Length >= total)
            return MemoryMarshal.AsMemory(buffer.First[..total]);
        if (_pieces.Length < total)
            _pieces = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)total));
        buffer.Slice(0, total).CopyTo(_pieces);
        return _pieces.AsMemory(0, total);
    }
}
