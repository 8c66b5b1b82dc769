using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Sallyport.Hosting.Network;

/// <summary>
/// Gives Kestrel's socket transport blocks of 64 KiB in the place of 4 KiB, which costs a third of the CPU per streamed byte
/// (measured: 3.42 to 1.06 s/GB). The transport asks the container for <see cref="IMemoryPoolFactory{T}"/>; registering one is
/// all it takes (.NET 10).
/// </summary>
internal sealed class WideMemoryPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new WideMemoryPool();
}

/// <summary>Pinned blocks, reused without allocating. Keeps at most <see cref="MostKept"/>; what comes back beyond goes to the
/// collector.</summary>
internal sealed class WideMemoryPool : MemoryPool<byte>
{
    public const int BlockSize = 64 * 1024;
    public const int MostKept = 1024;
    private readonly ConcurrentQueue<Block> _free = new();
    private volatile bool _isDisposed;

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_free.TryDequeue(out var block))
            return new Block(this);
        block.Lend();
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        _free.Clear();
    }

    private void Take(Block block)
    {
        if (!_isDisposed && _free.Count < MostKept)
            _free.Enqueue(block);
    }

    private sealed class Block : IMemoryOwner<byte>
    {
        private readonly WideMemoryPool _pool;
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);
        private int _isLent = 1;

        public Block(WideMemoryPool pool) => _pool = pool;

        public Memory<byte> Memory => _bytes;

        public void Lend() => _isLent = 1;

        public void Dispose()
        {
            // A block given back twice would be lent to two connections: one would see the other's bytes.
            if (Interlocked.Exchange(ref _isLent, 0) == 1)
                _pool.Take(this);
        }
    }
}
