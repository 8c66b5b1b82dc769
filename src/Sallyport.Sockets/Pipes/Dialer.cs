using System.Net;
using System.Net.Sockets;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Native;

namespace Sallyport.Sockets.Pipes;

/// <summary>Opens connections without ever giving a socket to .NET's own engine, which would wake for each of its events too.</summary>
public static class Dialer
{
    private static readonly TimeSpan FullBacklog = TimeSpan.FromMilliseconds(5);

    /// <summary>Connects to a name or an address by TCP, trying each of its addresses in the resolver's order.</summary>
    /// <exception cref="SocketException">The name is not known, or nobody listens at any of its addresses.</exception>
    public static async ValueTask<SocketPipe> TcpAsync(string host, int port, SocketLoop loop, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        SocketException? failure = null;
        foreach (var address in addresses)
        {
            try
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                SilentPeers.Notice(socket);
                return await ConnectAsync(socket, new IPEndPoint(address, port), loop, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException e)
            {
                failure = e;
            }
        }
        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>Connects to a Unix socket.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static ValueTask<SocketPipe> UnixAsync(string path, SocketLoop loop, CancellationToken cancellationToken) =>
        ConnectAsync(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path), loop, cancellationToken);

    private static async ValueTask<SocketPipe> ConnectAsync(Socket socket, EndPoint address, SocketLoop loop, CancellationToken cancellationToken)
    {
        SocketPipe? pipe = null;
        var isConnected = false;
        try
        {
            LibC.DoNotBlock(socket.SafeHandle);
            var name = address.Serialize();
            int error;
            // A Unix socket whose backlog is full says so at once instead of waiting.
            while ((error = LibC.Connect(socket.SafeHandle, name.Buffer.Span[..name.Size])) == LibC.TryAgain)
                await Task.Delay(FullBacklog, cancellationToken).ConfigureAwait(false);
            if (error is not (0 or LibC.InProgress))
                throw SocketErrors.Of(error);
            pipe = SocketPipe.Over(socket, loop);
            if (error == LibC.InProgress)
                await pipe.ConnectedAsync(cancellationToken).ConfigureAwait(false);
            isConnected = true;
            return pipe;
        }
        finally
        {
            if (!isConnected)
            {
                pipe?.Dispose();
                socket.Dispose();
            }
        }
    }
}
