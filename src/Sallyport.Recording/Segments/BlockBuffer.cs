using System.Runtime.InteropServices;

namespace Sallyport.Recording.Segments;

/// <summary>
/// Memory for the block being built. It begins where the block will begin in the file, modulo <see cref="SegmentOutput.Alignment"/>,
/// so that its whole pages can go to the device as they lie.
/// </summary>
internal sealed class BlockBuffer
{
    private const int Capacity = BlockHeader.MaxPayload + BlockHeader.Overhead;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Capacity + 2 * SegmentOutput.Alignment, pinned: true);
    private readonly int _aligned;
    private int _start;

    public BlockBuffer()
    {
        _aligned = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0) & (SegmentOutput.Alignment - 1));
        _start = _aligned;
    }

    /// <summary>Header, payload and hash.</summary>
    public Span<byte> Block => _bytes.AsSpan(_start, Capacity);

    public Span<byte> Payload => Block[BlockHeader.Size..];

    /// <summary>A new block will stand at <paramref name="offset"/> in the file.</summary>
    public void Start(long offset) => _start = _aligned + (int)(offset & (SegmentOutput.Alignment - 1));
}
