using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sallyport.Hosting;
using Sallyport.Hosting.Network;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Tests.Hosting.Network;

public sealed class DataPlaneTests
{
    [Fact]
    public async Task TheTransportReadsAndWritesInBlocksOf64KiB()
    {
        var block = new TaskCompletionSource<int>();
        var endPoint = FreeEndPoint();
        using var plane = await StartAsync(endPoint, 10, async connection =>
        {
            block.SetResult(connection.Transport.Output.GetMemory().Length);
            await connection.Transport.Input.ReadAsync();
        });
        using var client = new TcpClient();
        await client.ConnectAsync(endPoint);
        Assert.Equal(BlockPool.BlockSize, await block.Task);
    }

    [Fact]
    public async Task ATakenAddressIsOneClearFailure()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var failure = await Assert.ThrowsAsync<StartFailure>(() =>
            StartAsync((IPEndPoint)taken.LocalEndpoint, 10, static _ => Task.CompletedTask));
        Assert.Equal(StartFault.AddressInUse, failure.Fault);
    }

    [Fact]
    public async Task Threat4_OneSourceTakesNoMoreThanItsShare()
    {
        var endPoint = FreeEndPoint();
        var served = 0;
        var isServed = new TaskCompletionSource();
        using var plane = await StartAsync(endPoint, 1, async connection =>
        {
            Interlocked.Increment(ref served);
            isServed.TrySetResult();
            await connection.Transport.Input.ReadAsync();
        });
        using var first = new TcpClient();
        await first.ConnectAsync(endPoint);
        // Each is served on a thread of its own: the second must not overtake the first.
        await isServed.Task;
        using var second = new TcpClient();
        await second.ConnectAsync(endPoint);
        Assert.True(await IsClosedAsync(second));
        Assert.Equal(1, served);
    }

    private static Task<DataPlane> StartAsync(IPEndPoint endPoint, int perSource,
        Microsoft.AspNetCore.Connections.ConnectionDelegate serve) =>
        DataPlane.StartAsync([new Listener(endPoint, serve)], perSource, NullLoggerFactory.Instance, CancellationToken.None);

    private static async Task<bool> IsClosedAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static IPEndPoint FreeEndPoint()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }
}
