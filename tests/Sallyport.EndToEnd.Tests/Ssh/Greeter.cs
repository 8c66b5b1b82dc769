using System.Net;
using System.Net.Sockets;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Says one line to each who connects, and ends.</summary>
internal sealed class Greeter : IDisposable
{
    private readonly TcpListener _listener;

    private Greeter(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _ = ServeAsync();
    }

    public static Greeter Listen(int port) => new(port);

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("hello from there\n"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }
}
