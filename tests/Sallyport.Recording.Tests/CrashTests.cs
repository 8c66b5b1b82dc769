using System.Diagnostics;
using System.Globalization;
using Sallyport.Core;
using Sallyport.Recording.Replay;
using Sallyport.Recording.Ring;
using Sallyport.Recording.Segments;
using Sallyport.Recording.Tests.Support;

namespace Sallyport.Recording.Tests;

public sealed class CrashTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(5_000)]
    [InlineData(40_000)]
    public async Task EverythingAKilledProcessWasToldIsTakenIsInTheRecording(int records)
    {
        using var rig = new Rig();
        var told = new Dictionary<SessionId, long>();
        using (var child = Start("write", rig.Folder))
        {
            // Both writers must have been told something: one may start long after the other.
            for (var i = 0; i < records || told.Count < 2; i++)
            {
                var line = await child.StandardOutput.ReadLineAsync();
                Assert.NotNull(line);
                Note(line, told);
            }
            child.Kill();
            while (await child.StandardOutput.ReadLineAsync() is { } line)
                Note(line, told);
            await child.WaitForExitAsync();
        }

        await using (var recorder = rig.Open())
            Assert.Contains("2 sessions marked as interrupted", recorder.Recovery, StringComparison.Ordinal);

        Assert.Equal(2, told.Count);
        foreach (var (id, last) in told)
        {
            var items = await rig.ReadAsync(id);
            Assert.Equal(RecordKind.Interrupted, items[^1].Kind);
            var numbers = items.SkipLast(1).Select(item => BitConverter.ToInt64(item.Payload.Span)).ToList();
            Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => (long)number), numbers);
            Assert.True(numbers.Count >= last, $"{numbers.Count} of {last} are there");
        }
        Assert.Empty(rig.Verify().Findings);
    }

    [Fact]
    public async Task ASecondProcessIsRefusedInWords()
    {
        using var rig = new Rig();
        using var first = Start("hold", rig.Folder);
        Assert.Equal("held", await first.StandardOutput.ReadLineAsync());
        using var second = Start("hold", rig.Folder);
        var said = await second.StandardOutput.ReadLineAsync();
        await second.WaitForExitAsync();
        await first.StandardInput.WriteLineAsync();
        await first.WaitForExitAsync();

        Assert.Contains("Another process records into", said, StringComparison.Ordinal);
        Assert.Equal(3, second.ExitCode);
        Assert.Equal(0, first.ExitCode);
    }

    [Fact]
    public void AHalfWrittenReservationIsSkippedAndTheRecordsBehindItAreFound()
    {
        using var rig = new Rig();
        var path = Path.Combine(rig.Folder, "ring");
        using var ring = RecordRing.Prepare(RingMemory.Create(path, 1 << 20));
        var id = SessionId.New(TimeProvider.System);
        Publish(ring, id, 1, "before"u8);
        Assert.Equal(RecordOutcome.Taken, ring.TryReserve(RecordRing.Footprint(3000), out _));
        Publish(ring, id, 3, "after"u8);
        Publish(ring, id, 4, "last"u8);

        var salvage = new RingSalvage(ring, 0);
        var found = new List<long>();
        while (salvage.MoveNext())
            found.Add(RecordHeader.Read(ring.HeaderOf(salvage.Position)).Sequence);

        Assert.Equal([1, 3, 4], found);
        Assert.Equal(1, salvage.Unfinished);
    }

    [Fact]
    public void ContinuationsWithoutTheirBeginningAreDropped()
    {
        using var rig = new Rig();
        using var memory = RingMemory.Create(Path.Combine(rig.Folder, "ring"), 4 << 20);
        var ring = RecordRing.Prepare(memory);
        var id = SessionId.New(TimeProvider.System);
        Publish(ring, id, 1, new byte[RecordRing.MaxPart * 2]);
        Publish(ring, id, 2, "behind"u8);
        // The crash before the first part's commit word, which is the last thing that is written.
        memory.Word(0) = 0;

        var salvage = new RingSalvage(ring, 0);
        Assert.True(salvage.MoveNext());
        Assert.Equal(2, RecordHeader.Read(ring.HeaderOf(salvage.Position)).Sequence);
        Assert.False(salvage.MoveNext());
    }

    [Fact]
    public void APayloadCannotPretendToBeAnEntry()
    {
        using var rig = new Rig();
        using var memory = RingMemory.Create(Path.Combine(rig.Folder, "ring"), 1 << 20);
        var ring = RecordRing.Prepare(memory);
        var forged = SessionId.New(TimeProvider.System);
        Publish(ring, forged, 7, "an entry of another run"u8);
        var bytes = memory.Bytes(0, 128).ToArray();

        ring = RecordRing.Prepare(memory);
        Publish(ring, SessionId.New(TimeProvider.System), 1, bytes);
        memory.Word(0) = 0;
        Assert.False(new RingSalvage(ring, 0).MoveNext());
    }

    /// <summary>Its walk would take a quarter of the start, and 64 MB.</summary>
    [Fact]
    public async Task ARingThatWasClosedInOrderIsNotWalked()
    {
        using var rig = new Rig();
        await using (var recorder = rig.Open())
            Assert.Equal(RecordOutcome.Taken, recorder.TryOpen(SessionId.New(TimeProvider.System), out _)!.TryAppend(RecordKind.Event, "{}"u8, [], out _));

        using var memory = RingMemory.TryMap(Path.Combine(rig.Folder, "ring"));
        Assert.Null(RecordRing.Adopt(memory!));
    }

    [Fact]
    public async Task ABlockThatTheRingWasNotToldOfIsNotTakenOverTwice()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open();
        var (id, writer) = Rig.Session(recorder);
        for (var i = 0; i < 10; i++)
            await Rig.AppendAsync(writer, RecordKind.Event, BitConverter.GetBytes(i));
        Assert.True(await recorder.FlushAsync(CancellationToken.None));
        using var crashed = rig.CopyAsAfterCrash();
        using (var memory = RingMemory.TryMap(Path.Combine(crashed.Folder, "ring"))!)
            memory.HeaderWord(64) = 0;

        await using (crashed.Open())
        {
        }
        var items = await crashed.ReadAsync(id);
        Assert.Equal(11, items.Count);
        Assert.Equal(RecordKind.Interrupted, items[^1].Kind);
        Assert.Equal(11, items[^1].Sequence);
        Assert.Empty(crashed.Verify().Findings);
    }

    [Fact]
    public async Task ATornLastBlockIsSetAsideAndTheChainGoesOn()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open();
        var (id, writer) = Rig.Session(recorder);
        await Rig.AppendAsync(writer, RecordKind.Event, "one"u8.ToArray());
        Assert.True(await recorder.FlushAsync(CancellationToken.None));
        using var crashed = rig.CopyAsAfterCrash();
        var segment = crashed.SegmentFiles()[^1];
        await File.AppendAllBytesAsync(segment, File.ReadAllBytes(segment).AsSpan(SegmentHeader.Size, 100).ToArray());

        await using (crashed.Open())
        {
        }
        Assert.Equal(100, new FileInfo(segment + ".torn").Length);
        Assert.Equal([RecordKind.Event, RecordKind.Interrupted], (await crashed.ReadAsync(id)).Select(item => item.Kind));
        Assert.Empty(crashed.Verify().Findings);
    }

    [Fact]
    public async Task ASessionIsInterruptedOnceHoweverManyStartsFollow()
    {
        using var rig = new Rig();
        SessionId open, closed;
        await using (var recorder = rig.Open(o => o with { SegmentBytes = 4096 }))
        {
            (open, var first) = Rig.Session(recorder);
            (closed, var second) = Rig.Session(recorder);
            await Rig.AppendAsync(first, RecordKind.SessionOpened, "{}"u8.ToArray());
            for (var i = 0; i < 20; i++)
            {
                var position = await Rig.AppendAsync(second, RecordKind.Answer, new byte[2000]);
                await second.WaitDurableAsync(position, CancellationToken.None);
            }
            await Rig.AppendAsync(second, RecordKind.SessionClosed, "{}"u8.ToArray());
        }
        for (var start = 0; start < 3; start++)
        {
            await using (rig.Open())
            {
            }
        }
        Assert.Equal([RecordKind.SessionOpened, RecordKind.Interrupted], (await rig.ReadAsync(open)).Select(item => item.Kind));
        Assert.Equal(RecordKind.SessionClosed, (await rig.ReadAsync(closed))[^1].Kind);
        Assert.All(new RecordingReader(rig.Folder, null, TimeProvider.System).ListSessions(), session => Assert.False(session.IsOpen));
        Assert.Empty(rig.Verify().Findings);
    }

    private static void Publish(RecordRing ring, SessionId session, long sequence, ReadOnlySpan<byte> payload)
    {
        Assert.Equal(RecordOutcome.Taken, ring.TryReserve(RecordRing.Footprint(payload.Length), out var start));
        ring.Publish(start, new RecordHeader(0, 0, 1, session, sequence, RecordKind.Event, PartFlags.None), payload, default);
    }

    private static void Note(string? line, Dictionary<SessionId, long> told)
    {
        // The last line may have been cut by the kill.
        if (line?.Split(' ') is [var name, var number] && SessionId.TryParse(name, out var id))
            told[id] = Math.Max(told.GetValueOrDefault(id), long.Parse(number, CultureInfo.InvariantCulture));
    }

    private static Process Start(string role, string folder) => Process.Start(new ProcessStartInfo("dotnet")
    {
        ArgumentList = { "exec", typeof(Program).Assembly.Location, role, folder },
        RedirectStandardOutput = true,
        RedirectStandardInput = true,
    })!;
}
