using System.Net;
using System.Net.Sockets;

namespace Sallyport.Testing.Processes;

/// <summary>Loopback ports for child processes that cannot report the one they chose.</summary>
public static class FreePort
{
    /// <summary>A port nothing listens on now; another process can still take it, so starters retry.</summary>
    public static int Next()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Waits until something accepts on the port; false when <paramref name="given"/> up or the time ran out.</summary>
    public static async Task<bool> WaitUntilOpenAsync(int port, Func<bool> given, TimeSpan within)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(deadline) < within && !given())
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(2);
            }
        }

        return false;
    }
}
