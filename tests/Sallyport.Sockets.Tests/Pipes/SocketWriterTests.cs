using System.Buffers;
using System.Net.Sockets;

namespace Sallyport.Sockets.Tests.Pipes;

public sealed class SocketWriterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task WhatIsFlushedArrives()
    {
        using var pair = Pair.Connect();
        pair.Pipe.Output.Write("hello"u8);
        Assert.Equal(5, pair.Pipe.Output.UnflushedBytes);

        var result = await pair.Pipe.Output.FlushAsync();

        Assert.False(result.IsCompleted);
        Assert.Equal(0, pair.Pipe.Output.UnflushedBytes);
        Assert.Equal("hello"u8.ToArray(), pair.PeerReceives(5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public async Task RoomOfAnySizeIsGiven(int size)
    {
        using var pair = Pair.Connect();
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);
        pair.Pipe.Output.Write("before"u8);
        bytes.CopyTo(pair.Pipe.Output.GetSpan(size));
        pair.Pipe.Output.Advance(size);
        pair.Pipe.Output.Write("after"u8);

        var flush = pair.Pipe.Output.FlushAsync();

        Assert.Equal([.. "before"u8, .. bytes, .. "after"u8], pair.PeerReceives(size + 11));
        await flush;
    }

    [Fact]
    public async Task APeerThatDoesNotReadHoldsTheFlush()
    {
        using var pair = Pair.Connect();
        var bytes = new byte[32 << 20];
        Random.Shared.NextBytes(bytes);
        pair.Pipe.Output.Write(bytes);

        var flush = pair.Pipe.Output.FlushAsync().AsTask();
        await Task.Delay(100);
        Assert.False(flush.IsCompleted);
        var received = await Task.Run(() => pair.PeerReceives(bytes.Length));
        await flush.WaitAsync(Patience);

        Assert.Equal(bytes, received);
    }

    [Fact]
    public async Task APeerThatIsGoneIsSaidByTheFlush()
    {
        using var pair = Pair.Connect();
        pair.Peer.LingerState = new LingerOption(true, 0);
        pair.Peer.Close();
        for (var i = 0; i < 1000; i++)
        {
            pair.Pipe.Output.Write(new byte[1000]);
            if ((await pair.Pipe.Output.FlushAsync()).IsCompleted)
                return;
            await Task.Delay(5);
        }
        Assert.Fail("The peer's end was not noticed.");
    }

    [Fact]
    public async Task AShutdownEndsAFlushThatWaits()
    {
        using var pair = Pair.Connect();
        pair.Pipe.Output.Write(new byte[32 << 20]);
        var flush = pair.Pipe.Output.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);

        pair.Pipe.Shutdown();

        Assert.True((await flush.WaitAsync(Patience)).IsCompleted);
    }

    [Fact]
    public async Task ACancelEndsAFlushThatWaitsAndLosesNoByte()
    {
        using var pair = Pair.Connect();
        var bytes = new byte[32 << 20];
        Random.Shared.NextBytes(bytes);
        pair.Pipe.Output.Write(bytes);
        var flush = pair.Pipe.Output.FlushAsync().AsTask();

        pair.Pipe.Output.CancelPendingFlush();
        Assert.True((await flush.WaitAsync(Patience)).IsCanceled);
        var again = pair.Pipe.Output.FlushAsync().AsTask();

        Assert.Equal(bytes, await Task.Run(() => pair.PeerReceives(bytes.Length)));
        await again.WaitAsync(Patience);
    }
}
