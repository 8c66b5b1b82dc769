using System.Net.Sockets;

namespace Sallyport.Shared;

/// <summary>
/// Finds out that a peer is gone which never said so: a machine without power, a network that was cut. TCP asks after a minute of
/// silence and gives up a minute later; the system's own default is two hours. Compiled into each project that opens sockets.
/// </summary>
internal static class SilentPeers
{
    private const int IdleSeconds = 60;
    private const int BetweenSeconds = 15;
    private const int Times = 4;

    /// <summary>Of a socket that listens too: what it accepts inherits it.</summary>
    public static void Notice(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, BetweenSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Times);
    }
}
