using System.Buffers;
using System.Collections.Concurrent;

namespace Sallyport.Sockets.Pipes;

/// <summary>
/// Pinned 64 KiB blocks for pipes: with 4 KiB a streamed byte costs three times the CPU. The block given back last is lent first, while
/// its bytes are still in the processor's cache: each thread keeps a few, all threads share more, the rest is left to the collector.
/// Thread-safe.
/// </summary>
public sealed class BlockPool : MemoryPool<byte>
{
    public const int BlockSize = 64 * 1024;

    private const int MostKeptByThread = 8;

    // As many as are in use at once when every thread is busy, several times over; an idle connection holds none.
    private const int MostShared = 128;

    [ThreadStatic]
    private static Stack<Block>? _own;

    private readonly ConcurrentStack<Block> _shared = new();
    private int _sharedCount;

    private BlockPool()
    {
    }

    /// <summary>The pool of the process: both legs of every connection share it.</summary>
    public static BlockPool Instance { get; } = new();

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        return Take();
    }

    internal Block Take()
    {
        if (_own is not null && _own.TryPop(out var block))
            return block.Lend();
        if (!_shared.TryPop(out block))
            return new Block(this, BlockSize).Lend();
        Interlocked.Decrement(ref _sharedCount);
        return block.Lend();
    }

    internal void Return(Block block)
    {
        _own ??= new Stack<Block>(MostKeptByThread);
        if (_own.Count < MostKeptByThread)
            _own.Push(block);
        else if (Interlocked.Increment(ref _sharedCount) <= MostShared)
            _shared.Push(block);
        else
            Interlocked.Decrement(ref _sharedCount);
    }

    protected override void Dispose(bool disposing)
    {
        // Shared by all connections for the life of the process: nobody's dispose may take it from the others.
    }
}
