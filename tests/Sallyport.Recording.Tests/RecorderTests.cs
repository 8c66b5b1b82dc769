using System.Collections.Concurrent;
using Sallyport.Core;
using Sallyport.Recording.Tests.Support;

namespace Sallyport.Recording.Tests;

public sealed class RecorderTests
{
    [Fact]
    public async Task ManyWritersLoseNothingKeepTheirOrderAndTheChainVerifies()
    {
        const int Writers = 8, Each = 20_000;
        using var rig = new Rig();
        var sessions = new ConcurrentBag<SessionId>();
        await using (var recorder = rig.Open(o => o with { SegmentBytes = 4 << 20 }))
        {
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
            {
                var (id, writer) = Rig.Session(recorder);
                sessions.Add(id);
                var payload = new byte[100];
                for (var number = 0; number < Each; number++)
                {
                    BitConverter.TryWriteBytes(payload, number);
                    await Rig.AppendAsync(writer, RecordKind.Answer, payload.AsMemory(0, 4 + number % 97));
                }
            })));
        }

        foreach (var id in sessions)
        {
            var items = await rig.ReadAsync(id);
            Assert.Equal(Each, items.Count);
            for (var number = 0; number < Each; number++)
            {
                Assert.Equal(number, BitConverter.ToInt32(items[number].Payload.Span));
                Assert.Equal(number + 1, items[number].Sequence);
                Assert.Equal(4 + number % 97, items[number].Payload.Length);
            }
        }
        var report = rig.Verify();
        Assert.Empty(report.Findings);
        Assert.Equal(Writers * Each, report.Records);
        Assert.True(report.Segments > 3);
    }

    /// <summary>Long blocks go past the page cache while the ring has room, and through it while it has little: the chain is one.</summary>
    [Fact]
    public async Task LongRecordsBetweenShortOnesReadBackAsTheyWere()
    {
        using var rig = new Rig();
        var random = new Random(1);
        var sent = Enumerable.Range(0, 300).Select(i => new byte[i % 3 == 0 ? random.Next(100) : random.Next(1 << 20)]).ToList();
        sent.ForEach(random.NextBytes);
        SessionId id;
        await using (var recorder = rig.Open(static o => o with { RingBytes = 8 << 20, SegmentBytes = 32 << 20 }))
        {
            (id, var writer) = Rig.Session(recorder);
            foreach (var payload in sent)
            {
                var position = await Rig.AppendAsync(writer, RecordKind.Answer, payload);
                if (payload.Length % 5 == 0)
                    Assert.True(await writer.WaitDurableAsync(position, CancellationToken.None));
            }
        }
        var items = await rig.ReadAsync(id);
        Assert.Equal(sent.Count, items.Count);
        Assert.All(items.Zip(sent), static pair => Assert.True(pair.First.Payload.Span.SequenceEqual(pair.Second)));
        Assert.Empty(rig.Verify().Findings);
    }

    /// <summary>A sealed segment is on the device, so nobody who asks meanwhile is left to the next flush that somebody asks for.</summary>
    [Fact]
    public async Task WhoAsksForDurabilityWhileASegmentIsSealedIsTold()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open(static o => o with { SegmentBytes = 4096, FlushInterval = TimeSpan.FromMilliseconds(1) });
        var (_, writer) = Rig.Session(recorder);
        for (var i = 0; i < 150; i++)
        {
            // Long enough for a segment of its own.
            var position = await Rig.AppendAsync(writer, RecordKind.Answer, new byte[5000]);
            await Task.Delay(i % 8);
            Assert.True(await writer.WaitDurableAsync(position, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        }
    }

    [Fact]
    public async Task TwoThreadsOfOneSessionKeepTheirOwnOrder()
    {
        using var rig = new Rig();
        SessionId id;
        await using (var recorder = rig.Open())
        {
            (id, var writer) = Rig.Session(recorder);
            await Task.WhenAll(new[] { RecordKind.Input, RecordKind.Answer }.Select(kind => Task.Run(async () =>
            {
                for (var number = 0; number < 10_000; number++)
                    await Rig.AppendAsync(writer, kind, BitConverter.GetBytes(number));
            })));
        }
        var items = await rig.ReadAsync(id);
        foreach (var kind in new[] { RecordKind.Input, RecordKind.Answer })
            Assert.Equal(Enumerable.Range(0, 10_000), items.Where(i => i.Kind == kind).Select(i => BitConverter.ToInt32(i.Payload.Span)));
        Assert.Equal(20_000, items.Select(i => i.Sequence).Distinct().Count());
    }

    [Fact]
    public async Task Threat93_AnOversizeRecordIsSplitAndJoinedWhole()
    {
        using var rig = new Rig();
        var head = new byte[700_001];
        var tail = new byte[600_003];
        new Random(1).NextBytes(head);
        new Random(2).NextBytes(tail);
        SessionId id;
        await using (var recorder = rig.Open(o => o with { RingBytes = 8 << 20 }))
        {
            (id, var writer) = Rig.Session(recorder);
            // Several laps, so that parts wrap around the ring's end at every possible place of head and tail.
            for (var i = 0; i < 20; i++)
            {
                while (writer.TryAppend(RecordKind.Command, head, tail, out _) != RecordOutcome.Taken)
                    Assert.True(await writer.WaitForRoomAsync(CancellationToken.None));
            }
        }
        var items = await rig.ReadAsync(id);
        Assert.Equal(20, items.Count);
        Assert.All(items, item => Assert.True(item.IsWhole && item.Payload.Span.SequenceEqual(head.Concat(tail).ToArray())));
        Assert.Empty(rig.Verify().Findings);
    }

    [Fact]
    public async Task Threat93_ARecordThatCouldNeverFitIsRefusedNotTrimmed()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open();
        var (_, writer) = Rig.Session(recorder);
        Assert.Equal(RecordOutcome.Failed, writer.TryAppend(RecordKind.Command, new byte[recorder.MaxRecordBytes + 1], default, out _));
        Assert.Equal(RecordOutcome.Taken, writer.TryAppend(RecordKind.Command, "select 1"u8, default, out _));
        Assert.Null(recorder.Fault);
    }

    [Fact]
    public async Task AFullRingSaysSoAndWaitingForRoomEnds()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open(o => o with { FlushInterval = TimeSpan.FromHours(1) });
        var (_, writer) = Rig.Session(recorder);
        var payload = new byte[recorder.MaxRecordBytes];
        var full = 0;
        for (var i = 0; i < 40; i++)
        {
            while (writer.TryAppend(RecordKind.Answer, payload, default, out _) == RecordOutcome.Full)
            {
                full++;
                Assert.True(await writer.WaitForRoomAsync(CancellationToken.None));
            }
        }
        Assert.InRange(full, 1, 1000);
    }

    [Fact]
    public async Task DurableRecordsAreInTheSegmentWhenTheWaitEnds()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open(o => o with { FlushInterval = TimeSpan.FromHours(1) });
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            var (id, writer) = Rig.Session(recorder);
            for (var i = 1; i <= 20; i++)
            {
                var position = await Rig.AppendAsync(writer, RecordKind.Command, "delete"u8.ToArray());
                Assert.True(await writer.WaitDurableAsync(position, CancellationToken.None));
            }
            Assert.Equal(20, (await rig.ReadAsync(id)).Count);
        })));
    }

    [Fact]
    public async Task WaitersDoNotRunOnTheFlushersThread()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open();
        var (_, writer) = Rig.Session(recorder);
        var position = await Rig.AppendAsync(writer, RecordKind.Command, "x"u8.ToArray());
        Assert.NotEqual("recording", await ThreadAfterWaitAsync(writer, position));
    }

    [Fact]
    public async Task AppendingAllocatesNothing()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open(o => o with { RingBytes = 16 << 20 });
        var (_, writer) = Rig.Session(recorder);
        var payload = new byte[200];
        for (var i = 0; i < 5_000; i++)
            writer.TryAppend(RecordKind.Answer, payload, payload, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var taken = 0;
        for (var i = 0; i < 5_000; i++)
            taken += writer.TryAppend(RecordKind.Answer, payload, payload, out _) == RecordOutcome.Taken ? 1 : 0;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(5_000, taken);
    }

    [Fact]
    public async Task AfterTheStopNothingIsTakenAndEveryWaitEnds()
    {
        using var rig = new Rig();
        var recorder = rig.Open();
        var (id, writer) = Rig.Session(recorder);
        var position = await Rig.AppendAsync(writer, RecordKind.SessionClosed, "{}"u8.ToArray());
        await recorder.DisposeAsync();
        Assert.Equal(RecordOutcome.Failed, writer.TryAppend(RecordKind.Event, "x"u8, default, out _));
        Assert.True(await writer.WaitDurableAsync(position, CancellationToken.None));
        Assert.False(await writer.WaitDurableAsync(position + 1, CancellationToken.None));
        Assert.False(await writer.WaitForRoomAsync(CancellationToken.None));
        Assert.Null(recorder.TryOpen(id, out var reason));
        Assert.NotNull(reason);
    }

    [Fact]
    public async Task ASecondRecorderOnTheFolderIsRefused()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open();
        var second = Recorder.Open(Rig.OptionsFor(rig.Folder), TimeProvider.System, null);
        Assert.Equal(RecorderOpenOutcome.Locked, second.Outcome);
        Assert.Contains(rig.Folder, second.Message, StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task OnlyTheOwnerMayReadKeyRingAndSegments()
    {
        using var rig = new Rig();
        await using (rig.Open())
        {
        }
        foreach (var path in rig.SegmentFiles().Append(Path.Combine(rig.Folder, "ring")).Append(Path.Combine(rig.Folder, "recording.key")))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    private static async Task<string?> ThreadAfterWaitAsync(ISessionRecorder writer, long position)
    {
        await writer.WaitDurableAsync(position, CancellationToken.None).ConfigureAwait(false);
        return Thread.CurrentThread.Name;
    }
}
