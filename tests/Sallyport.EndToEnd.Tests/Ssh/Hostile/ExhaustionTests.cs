using System.Net;
using System.Net.Sockets;
using Sallyport.Ssh;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>THREATS 4, of SSH: connections that say nothing take the places of their own address only.</summary>
[Collection(nameof(SshGateway))]
public sealed class ExhaustionTests(SshGateway gateway)
{
    private static readonly SshSessionOptions Limits = new();

    [Fact]
    public async Task Threat4_SilentConnectionsKeepNobodyElseOut()
    {
        var silent = new List<Socket>();
        try
        {
            // As many addresses as fill all places but one address's worth.
            var sources = (Limits.MaxStarting / Limits.MaxStartingPerSource) - 1;
            for (var source = 0; source < sources; source++)
            {
                for (var i = 0; i < Limits.MaxStartingPerSource; i++)
                    silent.Add(await TakeAPlaceAsync(source == 0 ? "127.0.0.1" : $"127.0.0.{source + 2}"));
            }

            for (var i = 0; i < 8; i++)
            {
                using var beyond = await ConnectAsync("127.0.0.1");
                Assert.False(await SpeaksAsync(beyond));
            }
            Assert.Equal("elsewhere\n", (await gateway.SshAsync("eng", ["-b", "127.0.0.2"], "echo elsewhere")).Output);
            Assert.NotEqual(0, (await gateway.SshAsync("eng", "echo here")).ExitCode);
            Assert.Contains("Too many connections from 127.0.0.1", gateway.Gateway.Log, StringComparison.Ordinal);
        }
        finally
        {
            silent.ForEach(static s => s.Dispose());
        }

        // Places are free when the gateway has seen that they are left.
        while (true)
        {
            using var next = await ConnectAsync("127.0.0.1");
            if (await SpeaksAsync(next))
                break;
        }
        Assert.Equal("again\n", (await gateway.SshAsync("eng", "echo again")).Output);
    }

    private async Task<Socket> TakeAPlaceAsync(string source)
    {
        var socket = await ConnectAsync(source);
        Assert.True(await SpeaksAsync(socket), $"{source} has no place");
        return socket;
    }

    private async Task<Socket> ConnectAsync(string source)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
        await socket.ConnectAsync(IPAddress.Loopback, gateway.Gateway.Port);
        return socket;
    }

    /// <summary>The gateway's version came; else it closed.</summary>
    private static async Task<bool> SpeaksAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[64]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
