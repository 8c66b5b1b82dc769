using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Sallyport.Sockets.Listening;

/// <summary>
/// Kestrel's transport on <see cref="Loops.SocketLoops"/>, in the place of its own: a registered
/// <see cref="IConnectionListenerFactory"/> is all that Kestrel asks for.
/// </summary>
public sealed class LoopTransport : IConnectionListenerFactory
{
    private const int Backlog = 512;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var address = endpoint as IPEndPoint ?? throw new NotSupportedException($"{endpoint} is no address of TCP");
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            // Accepted sockets inherit it.
            SilentPeers.Notice(socket);
            socket.Bind(address);
            socket.Listen(Backlog);
            return new ValueTask<IConnectionListener>(new LoopListener(socket));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            if (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
                throw new AddressInUseException(e.Message, e);
            throw;
        }
    }
}
