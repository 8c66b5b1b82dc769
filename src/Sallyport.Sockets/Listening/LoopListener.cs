using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Sallyport.Sockets.Loops;

namespace Sallyport.Sockets.Listening;

/// <summary>Accepts connections of one address and gives each to the loop whose turn it is.</summary>
internal sealed class LoopListener(Socket socket) : IConnectionListener
{
    /// <summary>Until somebody may have closed something.</summary>
    private static readonly TimeSpan OutOfDescriptors = TimeSpan.FromMilliseconds(50);

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Socket? accepted = null;
            try
            {
                accepted = await socket.AcceptAsync(cancellationToken);
                accepted.NoDelay = true;
                return new LoopConnection(accepted, SocketLoops.Next());
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (Exception e) when (e is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable } or IOException)
            {
                await Task.Delay(OutOfDescriptors, cancellationToken);
            }
            catch (SocketException)
            {
                // It was gone before it could be served; the next one may be there.
                accepted?.Dispose();
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
