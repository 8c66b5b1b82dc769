using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>Somebody in the middle of one connection between a client and the gateway, who does to each direction what the test wants.</summary>
internal sealed class Interceptor : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<PipeReader, PipeWriter, Task> _toGateway;
    private readonly Func<PipeReader, PipeWriter, Task> _toClient;

    /// <param name="gateway">Where it leads.</param>
    /// <param name="toGateway">Passes on what the client says; returns when there is no more.</param>
    /// <param name="toClient">The same of the gateway's.</param>
    public Interceptor(SshGateway gateway, Func<PipeReader, PipeWriter, Task>? toGateway = null, Func<PipeReader, PipeWriter, Task>? toClient = null)
    {
        (_toGateway, _toClient) = (toGateway ?? PassAsync, toClient ?? PassAsync);
        _listener.Start();
        Ended = RunAsync(gateway.Gateway.Port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Completes when both have closed the connection.</summary>
    public Task Ended { get; }

    /// <summary>Passes on everything as it is.</summary>
    public static async Task PassAsync(PipeReader from, PipeWriter to) => await from.CopyToAsync(to);

    public void Dispose() => _listener.Dispose();

    private async Task RunAsync(int gatewayPort)
    {
        using var client = await _listener.AcceptSocketAsync();
        using var gateway = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await gateway.ConnectAsync(IPAddress.Loopback, gatewayPort);
        await Task.WhenAll(RelayAsync(client, gateway, _toGateway), RelayAsync(gateway, client, _toClient));
    }

    private static async Task RelayAsync(Socket from, Socket to, Func<PipeReader, PipeWriter, Task> relay)
    {
        try
        {
            var writer = PipeWriter.Create(new NetworkStream(to));
            await relay(PipeReader.Create(new NetworkStream(from)), writer);
            await writer.FlushAsync();
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Reset: as good as closed. The other direction meets it by itself.
        }
    }
}
