using System.Buffers;
using System.Net.Sockets;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Sockets.Tests.Pipes;

public sealed class SocketReaderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task WhatThePeerSendsIsRead()
    {
        using var pair = Pair.Connect();
        pair.Peer.Send("hello"u8);

        var result = await pair.Pipe.Input.ReadAsync().AsTask().WaitAsync(Patience);

        Assert.Equal("hello"u8.ToArray(), result.Buffer.ToArray());
        Assert.False(result.IsCompleted);
    }

    [Fact]
    public async Task AReadWaitsForWhatComesLater()
    {
        using var pair = Pair.Connect();
        var read = pair.Pipe.Input.ReadAsync();
        Assert.False(read.IsCompleted);

        pair.Peer.Send("late"u8);

        Assert.Equal("late"u8.ToArray(), (await read.AsTask().WaitAsync(Patience)).Buffer.ToArray());
    }

    [Fact]
    public async Task WhatWasNotConsumedIsThereAgainWithMore()
    {
        using var pair = Pair.Connect();
        var input = pair.Pipe.Input;
        pair.Peer.Send("abcdef"u8);
        var first = await input.ReadAsync();
        input.AdvanceTo(first.Buffer.GetPosition(2), first.Buffer.End);
        var next = input.ReadAsync();
        Assert.False(next.IsCompleted);

        pair.Peer.Send("gh"u8);

        Assert.Equal("cdefgh"u8.ToArray(), (await next.AsTask().WaitAsync(Patience)).Buffer.ToArray());
    }

    [Fact]
    public async Task WhatWasNotExaminedIsThereAtOnce()
    {
        using var pair = Pair.Connect();
        var input = pair.Pipe.Input;
        pair.Peer.Send("abcdef"u8);
        var first = await input.ReadAsync();
        input.AdvanceTo(first.Buffer.GetPosition(2), first.Buffer.GetPosition(3));

        Assert.True(input.TryRead(out var next));
        Assert.Equal("cdef"u8.ToArray(), next.Buffer.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public async Task AMessageOfAnyLengthComesWhole(int step)
    {
        using var pair = Pair.Connect();
        var sent = new byte[700_000];
        Random.Shared.NextBytes(sent);
        var sending = Task.Run(() =>
        {
            for (var at = 0; at < sent.Length; at += step)
                pair.Peer.Send(sent.AsSpan(at, Math.Min(step, sent.Length - at)));
            pair.Peer.Shutdown(SocketShutdown.Send);
        });
        if (step == 1)
            sent = [.. sent.Take(20_000)];

        var received = await ReadToEndAsync(pair.Pipe, holdBack: true);
        await sending;

        Assert.Equal(sent, received[..sent.Length]);
    }

    [Fact]
    public async Task BytesConsumedInUnevenStepsAreTheSame()
    {
        using var pair = Pair.Connect();
        var sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);
        var sending = Task.Run(() =>
        {
            pair.Peer.Send(sent);
            pair.Peer.Shutdown(SocketShutdown.Send);
        });
        var random = new Random(5);
        var received = new List<byte>();
        while (true)
        {
            var result = await pair.Pipe.Input.ReadAsync().AsTask().WaitAsync(Patience);
            var taken = result.IsCompleted ? result.Buffer.Length : random.NextInt64(result.Buffer.Length + 1);
            received.AddRange(result.Buffer.Slice(0, taken).ToArray());
            pair.Pipe.Input.AdvanceTo(result.Buffer.GetPosition(taken), random.Next(2) == 0 ? result.Buffer.End : result.Buffer.GetPosition(taken));
            if (result.IsCompleted)
                break;
        }
        await sending;

        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task TheEndComesBehindTheLastBytes()
    {
        for (var i = 0; i < 300; i++)
        {
            using var pair = Pair.Connect();
            var reading = ReadToEndAsync(pair.Pipe, holdBack: false);
            pair.Peer.Send("last words"u8);
            pair.Peer.Shutdown(SocketShutdown.Send);
            Assert.Equal("last words"u8.ToArray(), await reading.WaitAsync(Patience));
        }
    }

    /// <summary>Who read the pipe may have completed it: what the peer still sends must be taken all the same, or it loses the last word.</summary>
    [Fact]
    public async Task ACompletedPipeLingersToo()
    {
        using var pair = Pair.Connect();
        pair.Peer.Send(new byte[1000]);
        await pair.Pipe.Output.WriteAsync("last words"u8.ToArray());
        await pair.Pipe.Input.CompleteAsync();
        await pair.Pipe.Output.CompleteAsync();

        var lingering = pair.Pipe.LingerAsync(Patience).AsTask();

        Assert.False(lingering.IsCompleted);
        pair.Peer.Send(new byte[1000]);
        Assert.Equal("last words"u8.ToArray(), pair.PeerReceives(10));
        pair.Peer.Shutdown(SocketShutdown.Send);
        await lingering.WaitAsync(Patience);
    }

    [Fact]
    public async Task AResetIsAnIOException()
    {
        using var pair = Pair.Connect();
        var read = pair.Pipe.Input.ReadAsync();
        pair.Peer.LingerState = new LingerOption(true, 0);
        pair.Peer.Close();

        await Assert.ThrowsAsync<IOException>(async () => await read.AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task APendingReadIsCancelledAndTheNextGoesOn()
    {
        using var pair = Pair.Connect();
        var read = pair.Pipe.Input.ReadAsync();

        pair.Pipe.Input.CancelPendingRead();
        Assert.True((await read.AsTask().WaitAsync(Patience)).IsCanceled);
        pair.Pipe.Input.AdvanceTo((await CancelledAsync(pair)).Buffer.End);
        pair.Peer.Send("x"u8);

        Assert.False((await pair.Pipe.Input.ReadAsync().AsTask().WaitAsync(Patience)).IsCanceled);
    }

    [Fact]
    public async Task ATokenEndsAPendingReadAndNoOther()
    {
        using var pair = Pair.Connect();
        using var cancel = new CancellationTokenSource();
        var read = pair.Pipe.Input.ReadAsync(cancel.Token);
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);

        pair.Peer.Send("x"u8);

        Assert.Equal(1, (await pair.Pipe.Input.ReadAsync().AsTask().WaitAsync(Patience)).Buffer.Length);
    }

    [Fact]
    public async Task CancelsThatRaceWithBytesLoseNone()
    {
        using var pair = Pair.Connect();
        var sent = new byte[200_000];
        Random.Shared.NextBytes(sent);
        using var over = new CancellationTokenSource();
        var cancelling = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
                pair.Pipe.Input.CancelPendingRead();
        });
        var sending = Task.Run(() =>
        {
            for (var at = 0; at < sent.Length; at += 100)
                pair.Peer.Send(sent.AsSpan(at, 100));
            pair.Peer.Shutdown(SocketShutdown.Send);
        });

        var received = await ReadToEndAsync(pair.Pipe, holdBack: false);
        over.Cancel();
        await sending;
        await cancelling;

        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task TheEndOfThePeerIsToldThoughNobodyReads()
    {
        var told = new TaskCompletionSource();
        using var pair = Pair.Connect(ended: _ => told.TrySetResult());
        pair.Peer.Send("unread"u8);
        Assert.False(told.Task.IsCompleted);

        pair.Peer.Shutdown(SocketShutdown.Send);

        await told.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Threat4_AStreamThatNeverPausesLeavesOthersTheirTurn()
    {
        var loop = SocketLoops.Next();
        using var stream = Pair.Connect(loop);
        using var other = Pair.Connect(loop);
        using var over = new CancellationTokenSource();
        var sending = Task.Run(() =>
        {
            var bytes = new byte[1 << 20];
            while (!over.IsCancellationRequested)
                stream.Peer.Send(bytes);
            stream.Peer.Shutdown(SocketShutdown.Send);
        });
        // From here on everything of both runs on the loop's thread.
        var draining = ReadToEndAsync(stream.Pipe, holdBack: false, keep: false);

        for (var i = 0; i < 100; i++)
        {
            var read = other.Pipe.Input.ReadAsync();
            other.Peer.Send("x"u8);
            var result = await read.AsTask().WaitAsync(Patience);
            other.Pipe.Input.AdvanceTo(result.Buffer.End);
        }

        over.Cancel();
        await sending;
        await draining;
    }

    private static async Task<System.IO.Pipelines.ReadResult> CancelledAsync(Pair pair)
    {
        pair.Pipe.Input.CancelPendingRead();
        return await pair.Pipe.Input.ReadAsync().AsTask().WaitAsync(Patience);
    }

    /// <param name="pipe">What is read.</param>
    /// <param name="holdBack">Consume nothing before the end: everything must be there in one piece.</param>
    /// <param name="keep">Return the bytes.</param>
    private static async Task<byte[]> ReadToEndAsync(SocketPipe pipe, bool holdBack, bool keep = true)
    {
        var received = new ArrayBufferWriter<byte>();
        while (true)
        {
            var result = await pipe.Input.ReadAsync();
            if (result.IsCompleted || !holdBack)
            {
                foreach (var part in result.Buffer)
                {
                    if (keep)
                        received.Write(part.Span);
                }
                pipe.Input.AdvanceTo(result.Buffer.End);
            }
            else
            {
                pipe.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
            if (result.IsCompleted)
                return received.WrittenSpan.ToArray();
        }
    }
}
