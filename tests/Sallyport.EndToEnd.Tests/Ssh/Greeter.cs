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
                await GreetAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private static async Task GreetAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            await stream.WriteAsync("hello from there\n"u8.ToArray());
            client.Client.Shutdown(SocketShutdown.Send);
            try
            {
                // Whoever closes without having read resets, and the greeting might not arrive.
                await stream.CopyToAsync(Stream.Null);
            }
            catch (IOException)
            {
                // The other did so.
            }
        }
    }
}
