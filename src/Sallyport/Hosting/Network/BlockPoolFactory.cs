using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Sallyport.Core;

namespace Sallyport.Hosting.Network;

/// <summary>
/// Gives Kestrel's socket transport blocks of 64 KiB in the place of 4 KiB, which costs a third of the CPU per streamed byte
/// (measured: 3.42 to 1.06 s/GB). The transport asks the container for <see cref="IMemoryPoolFactory{T}"/>; registering one is
/// all it takes (.NET 10).
/// </summary>
internal sealed class BlockPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => BlockPool.Instance;
}
