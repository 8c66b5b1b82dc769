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
                // Whoever closes without having read resets, and the greeting might not arrive.
                client.Client.Shutdown(SocketShutdown.Send);
                await client.GetStream().CopyToAsync(Stream.Null);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }
}
