using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Transport;

namespace Sallyport.Ssh.Upstream;

/// <summary>A connection to a target: its transport and the socket below.</summary>
public sealed class SshUpstream(SocketPipe socket, SshTransport transport) : IAsyncDisposable
{
    public SshTransport Transport => transport;

    /// <summary>Cuts it: what waits for it comes back.</summary>
    public void Shutdown() => socket.Shutdown();

    public async ValueTask DisposeAsync()
    {
        socket.Shutdown();
        await transport.DisposeAsync();
        socket.Dispose();
    }
}
