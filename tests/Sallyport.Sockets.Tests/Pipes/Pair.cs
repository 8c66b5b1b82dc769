using System.Net;
using System.Net.Sockets;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Sockets.Tests.Pipes;

/// <summary>A pipe over one end of a TCP connection, and the other end as a plain blocking socket.</summary>
internal sealed class Pair : IDisposable
{
    private Pair(SocketPipe pipe, Socket peer)
    {
        Pipe = pipe;
        Peer = peer;
    }

    public SocketPipe Pipe { get; }

    public Socket Peer { get; }

    public static Pair Connect(SocketLoop? loop = null, Action<object?>? ended = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 20_000 };
        peer.Connect(listener.LocalEndPoint!);
        return new Pair(SocketPipe.Over(listener.Accept(), loop ?? SocketLoops.Next(), ended), peer);
    }

    /// <summary>Exactly so many bytes, as the peer receives them.</summary>
    public byte[] PeerReceives(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = Peer.Receive(bytes.AsSpan(at));
            Assert.NotEqual(0, read);
            at += read;
        }
        return bytes;
    }

    public void Dispose()
    {
        Pipe.Shutdown();
        Pipe.Dispose();
        Peer.Dispose();
    }
}
