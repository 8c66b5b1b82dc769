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

    private readonly ConcurrentQueue<Block> _free = new();
    private readonly int _maxFree;
    private int _freeCount;

    /// <param name="maxFree">How many unused blocks are kept.</param>
    public BlockPool(int maxFree = 1024) => _maxFree = maxFree;

    /// <summary>The pool of the process.</summary>
    public static BlockPool Instance { get; } = new();

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (_free.TryDequeue(out var block))
        {
            Interlocked.Decrement(ref _freeCount);
            return block;
        }
        return new Block(this);
    }

    protected override void Dispose(bool disposing)
    {
        // Shared by all connections for the life of the process: nobody's dispose may take it from the others.
    }

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _freeCount) > _maxFree)
            Interlocked.Decrement(ref _freeCount);
        else
            _free.Enqueue(block);
    }

    private sealed class Block : IMemoryOwner<byte>
    {
        private readonly BlockPool _pool;

        public Block(BlockPool pool)
        {
            _pool = pool;
            Memory = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);
        }

        public Memory<byte> Memory { get; }

        public void Dispose() => _pool.Return(this);
    }
}
