using System.Buffers;

namespace Sallyport.Sockets.Pipes;

/// <summary>
/// Pinned memory of the pool with what a pipe notes about it: how far it is filled, and which block follows. One owner at a time.
/// </summary>
internal sealed unsafe class Block : ReadOnlySequenceSegment<byte>, IMemoryOwner<byte>
{
    private readonly BlockPool? _pool;
    private readonly byte[] _bytes;
    private int _isLent;

    /// <param name="pool">Where it goes back to; null leaves it to the collector.</param>
    /// <param name="size">In bytes.</param>
    public Block(BlockPool? pool, int size)
    {
        _pool = pool;
        _bytes = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        First = (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);
        base.Memory = _bytes;
    }

    /// <summary>Where the pinned bytes begin.</summary>
    public byte* First { get; }

    /// <summary>How far it is filled.</summary>
    public int End { get; set; }

    public int Free => _bytes.Length - End;

    public Block? Following => (Block?)Next;

    Memory<byte> IMemoryOwner<byte>.Memory => _bytes;

    public Memory<byte> FreeMemory => _bytes.AsMemory(End);

    public Span<byte> FreeSpan => _bytes.AsSpan(End);

    /// <summary>Takes it out of the pool, empty.</summary>
    public Block Lend()
    {
        _isLent = 1;
        End = 0;
        Next = null;
        RunningIndex = 0;
        base.Memory = _bytes;
        return this;
    }

    /// <summary>Nothing more is written here: a sequence goes on in <paramref name="next"/>.</summary>
    public void ContinueIn(Block next)
    {
        base.Memory = _bytes.AsMemory(0, End);
        next.RunningIndex = RunningIndex + End;
        Next = next;
    }

    /// <summary>Moves what is filled from <paramref name="start"/> on to the front.</summary>
    public void MoveToFront(int start)
    {
        _bytes.AsSpan(start, End - start).CopyTo(_bytes);
        End -= start;
    }

    /// <summary>Back to the pool. A second time does nothing: a block lent to two connections would show one the other's bytes.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isLent, 0) == 1)
            _pool?.Return(this);
    }
}
