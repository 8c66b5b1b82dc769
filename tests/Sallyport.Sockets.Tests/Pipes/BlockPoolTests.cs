using Sallyport.Sockets.Pipes;

namespace Sallyport.Sockets.Tests.Pipes;

public sealed class BlockPoolTests
{
    [Fact]
    public void ABlockGivenBackTwiceIsLentOnce()
    {
        var block = BlockPool.Instance.Rent();
        block.Dispose();
        block.Dispose();

        var one = BlockPool.Instance.Rent();
        var other = BlockPool.Instance.Rent();

        Assert.NotSame(one, other);
        Assert.Equal(BlockPool.BlockSize, one.Memory.Length);
        one.Dispose();
        other.Dispose();
    }
}
