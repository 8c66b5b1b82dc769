using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>Numbered messages of changing lengths: a lost, doubled, swapped or changed one is noticed.</summary>
internal static class Traffic
{
    private static readonly int[] Lengths = [1, 3, 17, 64, 255, 1000, 4096, 16_000, 32_768];

    /// <summary>Both sides send that many bytes at once and check what they receive, through any key exchange.</summary>
    public static async Task ExchangeAsync(Pair pair, long bytes)
    {
        // A side reads on until the other has sent everything: what it still has to send may wait for keys.
        using var over = new CancellationTokenSource();
        var (toClient, toServer) = (new TaskCompletionSource(), new TaskCompletionSource());
        Task[] reading =
        [
            Task.Run(() => ReceiveAsync(pair.Client, bytes, toClient, over.Token)), Task.Run(() => ReceiveAsync(pair.Server, bytes,
                toServer, over.Token)),
        ];
        var all = Task.WhenAll(Task.Run(() => SendAsync(pair.Client, bytes)), Task.Run(() => SendAsync(pair.Server, bytes)),
            toClient.Task, toServer.Task);
        await await Task.WhenAny([all, .. reading]);
        await over.CancelAsync();
        foreach (var reader in reading)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
    }

    /// <summary>How many messages that many bytes take.</summary>
    public static long MessagesOf(long bytes)
    {
        var count = 0L;
        for (var sent = 0L; sent < bytes; count++)
            sent += Lengths[count % Lengths.Length];
        return count;
    }

    private static async Task SendAsync(SshTransport transport, long bytes)
    {
        var body = new byte[Lengths[^1]];
        for (var (sent, number) = (0L, 0u); sent < bytes; number++)
        {
            var length = Lengths[number % Lengths.Length];
            body.AsSpan(0, length).Fill((byte)number);
            while (!transport.TryWrite(Head(number), body.AsSpan(0, length)))
                Assert.True(await transport.WaitWritableAsync(default), transport.OutcomeText);
            if (number % 4 == 3)
                Assert.True(await transport.FlushAsync(default), transport.OutcomeText);
            sent += length;
        }
        Assert.True(await transport.FlushAsync(default), transport.OutcomeText);
    }

    private static async Task ReceiveAsync(SshTransport transport, long bytes, TaskCompletionSource isAll, CancellationToken over)
    {
        for (var (received, number) = (0L, 0u); ; number++)
        {
            Assert.True(await transport.ReadAsync(over), transport.OutcomeText);
            var length = Lengths[number % Lengths.Length];
            var message = transport.Message.Span;
            Assert.True(message[..5].SequenceEqual(Head(number)));
            Assert.Equal(length, message.Length - 5);
            Assert.False(message[5..].ContainsAnyExcept((byte)number));
            received += length;
            if (received >= bytes)
                isAll.TrySetResult();
        }
    }

    private static byte[] Head(uint number) =>
        [(byte)MessageNumber.ChannelData, (byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
}
