using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Transport;

namespace Sallyport.Benchmarks.Rates;

/// <summary>
/// What one processor relays from one SSH connection to another. A sender, the relay and a receiver share this process and talk by
/// loopback sockets: together they receive, open, seal and send each byte twice, the relay once, so half the time is the relay's.
/// </summary>
internal static class SshRates
{
    // Fewer than new keys are asked for after: nobody reads what comes back to the sender.
    private const long Bytes = 1L << 29;
    private const int Body = 32 * 1024;
    private const int AtOnce = 4;

    private static readonly string[] Ciphers =
        ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-ctr"];

    public static async Task<int> RunAsync()
    {
        Console.WriteLine($"{"cipher",-30} {"MB per CPU second",18} {"B allocated per MB",19}");
        foreach (var round in (bool[])[true, false])
        {
            foreach (var cipher in Ciphers)
            {
                var (rate, allocated) = await MeasureAsync(cipher, round ? Bytes / 4 : Bytes);
                if (!round)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cipher,-30} {rate,18:F0} {allocated,19:F1}"));
            }
        }
        return 0;
    }

    private static async Task<(double Rate, double Allocated)> MeasureAsync(string cipher, long bytes)
    {
        var (sender, fromSender) = await ConnectAsync(cipher);
        var (toReceiver, receiver) = await ConnectAsync(cipher);
        using var process = Process.GetCurrentProcess();
        var (spent, allocated) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes());
        var relaying = RelayAsync(fromSender.Transport, toReceiver.Transport);
        var receiving = ReceiveAsync(receiver.Transport, bytes);
        await SendAsync(sender.Transport, bytes);
        await receiving;
        process.Refresh();
        var seconds = (process.TotalProcessorTime - spent).TotalSeconds;
        var perMegabyte = (GC.GetTotalAllocatedBytes() - allocated) / (bytes / 1e6);
        foreach (var side in (Side[])[sender, fromSender, toReceiver, receiver])
            side.Pipe.Shutdown();
        await relaying;
        return (2 * bytes / 1e6 / seconds, perMegabyte);
    }

    private static async Task SendAsync(SshTransport to, long bytes)
    {
        var (head, body) = (new byte[9], new byte[Body]);
        head[0] = 94;
        for (long sent = 0; sent < bytes; sent += AtOnce * Body)
        {
            for (var i = 0; i < AtOnce;)
            {
                if (to.TryWrite(head, body))
                    i++;
                else if (!await to.WaitWritableAsync(default))
                    throw new InvalidOperationException(to.OutcomeText);
            }
            await to.FlushAsync(default);
        }
    }

    private static async Task RelayAsync(SshTransport from, SshTransport to)
    {
        while (await from.ReadAsync(default))
        {
            do
            {
                while (!to.TryWrite(from.Message.Span))
                {
                    if (!await to.WaitWritableAsync(default))
                        return;
                }
            }
            while (from.TryRead());
            await to.FlushAsync(default);
        }
    }

    private static async Task ReceiveAsync(SshTransport from, long bytes)
    {
        for (long received = 0; received < bytes; received += from.Message.Length - 9)
        {
            if (!await from.ReadAsync(default))
                throw new InvalidOperationException(from.OutcomeText);
        }
    }

    private static async Task<(Side Client, Side Server)> ConnectAsync(string cipher)
    {
        var nobody = new Nobody();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialled = await Dialer.TcpAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, SocketLoops.Next(), default);
        var accepted = SocketPipe.Over(await listener.AcceptSocketAsync(), SocketLoops.Next());
        var client = new SshTransport(dialled, new() { Role = SshRole.Client, HostKeyVerifier = nobody, Ciphers = [cipher] },
            TimeProvider.System);
        var server = new SshTransport(accepted, new() { Role = SshRole.Server, HostKeys = [nobody], Ciphers = [cipher] },
            TimeProvider.System);
        var starting = client.StartAsync(default).AsTask();
        await server.StartAsync(default);
        await starting;
        client.IsAuthenticated = server.IsAuthenticated = true;
        return (new Side(client, dialled), new Side(server, accepted));
    }

    private sealed record Side(SshTransport Transport, SocketPipe Pipe);

    /// <summary>A key that signs nothing and is trusted: the measured part comes after.</summary>
    private sealed class Nobody : ISigner, IHostKeyVerifier
    {
        public ReadOnlyMemory<byte> PublicKey { get; } = "nobody"u8.ToArray();

        public IReadOnlyList<string> Algorithms { get; } = ["none"];

        public byte[] Sign(string algorithm, ReadOnlySpan<byte> data) => [];

        public string? FindFault(string algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature,
            ReadOnlySpan<byte> signedData) => null;
    }
}
