using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Sockets.Tests.Pipes;

public sealed class DialerTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task ANameOrAnAddressIsReached(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        using var pipe = await Dialer.TcpAsync(host, ((IPEndPoint)listener.LocalEndpoint).Port, SocketLoops.Next(), default);
        using var peer = await listener.AcceptSocketAsync();
        peer.Send("hello"u8);

        Assert.Equal("hello"u8.ToArray(), (await pipe.Input.ReadAsync()).Buffer.ToArray());
    }

    [Fact]
    public async Task AUnixSocketIsReached()
    {
        var path = Path.Combine(Path.GetTempPath(), $"sallyport-{Guid.NewGuid():N}.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();

        using var pipe = await Dialer.UnixAsync(path, SocketLoops.Next(), default);
        using var peer = listener.Accept();
        pipe.Output.Write("hello"u8);
        await pipe.Output.FlushAsync();

        var received = new byte[5];
        peer.Receive(received);
        Assert.Equal("hello"u8.ToArray(), received);
        File.Delete(path);
    }

    [Fact]
    public async Task ARefusalSaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var failure = await Assert.ThrowsAsync<SocketException>(async () => await Dialer.TcpAsync("127.0.0.1", port, SocketLoops.Next(), default));

        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [Fact]
    public async Task ATokenEndsAConnectThatNobodyAnswers()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var port = ((IPEndPoint)full.LocalEndPoint!).Port;
        var pipes = new List<SocketPipe>();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        // Nobody accepts: once the backlog is full the kernel leaves the next without an answer.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (true)
                pipes.Add(await Dialer.TcpAsync("127.0.0.1", port, SocketLoops.Next(), cancel.Token));
        });

        pipes.ForEach(static p => p.Dispose());
    }
}
