using System.Net;
using System.Net.Sockets;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>A loopback listener whose connections are the gateway's own pipes.</summary>
internal sealed class TcpCable : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TcpCable() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async Task<SocketPipe> AcceptAsync() => SocketPipe.Over(await _listener.AcceptSocketAsync(), SocketLoops.Next());

    public void Dispose() => _listener.Dispose();
}
