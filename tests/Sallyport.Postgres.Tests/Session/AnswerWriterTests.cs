using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Sallyport.Core;
using Sallyport.Postgres.Session;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>What goes to the client is recorded first, in order, whatever its pieces and however little the recorder takes.</summary>
public sealed class AnswerWriterTests
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Recorder _recorder = new();

    [Fact]
    public void WhatIsWrittenTogetherIsOneRecord()
    {
        var writer = Writer();
        writer.Write("one "u8);
        writer.GetSpan(100)[0] = (byte)'2';
        writer.Advance(1);
        writer.Write(" three"u8);
        Assert.Equal(0, _recorder.Count);
        Assert.True(writer.TryEmit());
        Assert.Equal(1, _recorder.Count);
        Assert.Equal("one 2 three"u8, Passed());
    }

    [Fact]
    public void NothingPassesThatTheRecorderDidNotTake()
    {
        var writer = Writer();
        writer.Write("kept back"u8);
        _recorder.Room = 0;
        Assert.False(writer.TryEmit());
        Assert.True(writer.IsAside);
        Assert.Empty(Passed());
        // The caller flushes before it waits for room; the room in the pipe is another's then.
        writer.Write(" and more"u8);
        Assert.False(writer.TryEmit());
        Assert.Empty(Passed());
        _recorder.Room = long.MaxValue;
        Assert.True(writer.TryEmit());
        Assert.False(writer.IsAside);
        Assert.Equal("kept back and more"u8, Passed());
    }

    [Fact]
    public void APieceLargerThanABlockPassesWhole()
    {
        var writer = Writer();
        var large = RandomNumberGenerator.GetBytes(300_000);
        writer.Write("before"u8);
        large.CopyTo(writer.GetSpan(large.Length));
        writer.Advance(large.Length);
        writer.Write("behind"u8);
        Assert.True(writer.TryEmit());
        Assert.Equal([.. "before"u8, .. large, .. "behind"u8], Passed());
    }

    [Fact]
    public void AnyPiecesKeepTheirOrderWhileTheRecorderTakesAndRefuses()
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            var writer = Writer();
            var expected = new List<byte>();
            var passed = new List<byte>();
            for (var step = 0; step < 60; step++)
            {
                var piece = new byte[random.Next(10) == 0 ? random.Next(100_000) : random.Next(300)];
                random.NextBytes(piece);
                _recorder.Room = random.Next(3) == 0 ? random.Next(50_000) : long.MaxValue;
                if (random.Next(2) == 0)
                {
                    writer.Write(piece);
                }
                else
                {
                    piece.CopyTo(writer.GetSpan(piece.Length + random.Next(50)));
                    writer.Advance(piece.Length);
                }
                expected.AddRange(piece);
                if (random.Next(4) == 0)
                {
                    writer.TryEmit();
                    writer.LetGo();
                    passed.AddRange(Passed());
                    Assert.True(_recorder.Bytes.SequenceEqual(passed));
                }
            }
            _recorder.Room = long.MaxValue;
            Assert.True(writer.TryEmit());
            passed.AddRange(Passed());
            Assert.True(passed.SequenceEqual(expected));
            Assert.True(_recorder.Bytes.SequenceEqual(expected));
            _recorder.Bytes.Clear();
        }
    }

    private AnswerWriter Writer() => new(_pipe.Writer, _recorder);

    /// <summary>Flushes, as the pump does, and takes what came.</summary>
    private byte[] Passed()
    {
        Assert.True(_pipe.Writer.FlushAsync().AsTask().IsCompleted);
        if (!_pipe.Reader.TryRead(out var result))
            return [];
        var bytes = result.Buffer.ToArray();
        _pipe.Reader.AdvanceTo(result.Buffer.End);
        return bytes;
    }

    /// <summary>Takes records while it has room.</summary>
    private sealed class Recorder : ISessionRecorder
    {
        public List<byte> Bytes { get; } = [];

        public long Room { get; set; } = long.MaxValue;

        public int Count { get; private set; }

        public RecordOutcome TryAppend(RecordKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, out long position)
        {
            position = 0;
            if (head.Length > Room)
                return RecordOutcome.Full;
            Room -= head.Length;
            Count++;
            Bytes.AddRange(head);
            return RecordOutcome.Taken;
        }

        public ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken) => new(true);

        public ValueTask<bool> WaitDurableAsync(long position, CancellationToken cancellationToken) => new(true);
    }
}
