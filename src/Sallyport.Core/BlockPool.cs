using System.Buffers;
using System.Collections.Concurrent;

namespace Sallyport.Core;

/// <summary>
/// Pinned 64 KiB blocks for pipes. Kestrel's own 4 KiB blocks cost three times the CPU per streamed byte. Blocks that come back
/// are kept up to a bound, the rest is left to the collector. Thread-safe.
/// </summary>
public sealed class BlockPool : MemoryPool<byte>
{
    public const int BlockSize = 64 * 1024;

    // As many as are in use at once when every thread is busy, several times over; an idle connection holds none.
    private const int MostKept = 128;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _freeCount;

    private BlockPool()
    {
    }

    /// <summary>The pool of the process: both legs of every connection share it.</summary>
    public static BlockPool Instance { get; } = new();

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (!_free.TryDequeue(out var block))
            return new Block(this);
        Interlocked.Decrement(ref _freeCount);
        block.Lend();
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        // Shared by all connections for the life of the process: nobody's dispose may take it from the others.
    }

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _freeCount) > MostKept)
            Interlocked.Decrement(ref _freeCount);
        else
            _free.Enqueue(block);
    }

    private sealed class Block : IMemoryOwner<byte>
    {
        private readonly BlockPool _pool;
        private int _isLent = 1;

        public Block(BlockPool pool)
        {
            _pool = pool;
            Memory = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);
        }

        public Memory<byte> Memory { get; }

        public void Lend() => _isLent = 1;

        public void Dispose()
        {
            // A block given back twice would be lent to two connections: one would see the other's bytes.
            if (Interlocked.Exchange(ref _isLent, 0) == 1)
                _pool.Return(this);
        }
    }
}
