using Microsoft.Extensions.Time.Testing;
using Sallyport.Core;
using Sallyport.Recording.Replay;
using Sallyport.Recording.Tests.Support;

namespace Sallyport.Recording.Tests.Replay;

public sealed class ReplayTests
{
    [Fact]
    public async Task AWatcherSeesEachRecordWhileItIsWrittenAndTheEnd()
    {
        using var rig = new Rig();
        await using var recorder = rig.Open(o => o with { SegmentBytes = 4096 });
        var (id, writer) = Rig.Session(recorder);
        var (_, other) = Rig.Session(recorder);
        await Rig.AppendAsync(writer, RecordKind.SessionOpened, "{}"u8.ToArray());

        var seen = new List<int>();
        await foreach (var item in new RecordingReader(rig.Folder, null, TimeProvider.System).ReadAsync(id, follow: true))
        {
            if (item.Kind == RecordKind.Event)
                seen.Add(BitConverter.ToInt32(item.Payload.Span));
            if (seen.Count < 30)
            {
                await Rig.AppendAsync(writer, RecordKind.Event, BitConverter.GetBytes(seen.Count));
                await Rig.AppendAsync(other, RecordKind.Answer, new byte[3000]);
            }
            else if (item.Kind == RecordKind.Event)
                await Rig.AppendAsync(writer, RecordKind.SessionClosed, "{}"u8.ToArray());
        }
        Assert.Equal(Enumerable.Range(0, 30), seen);
        Assert.True(rig.SegmentFiles().Length > 3);
    }

    [Fact]
    public async Task TheIndexIsFedByTheFlusherAndCanBeRebuiltFromTheSegmentsAlone()
    {
        using var rig = new Rig();
        var fed = new MemoryIndex();
        SessionId id;
        await using (var recorder = rig.Open(o => o with { SegmentBytes = 8192 }, fed))
        {
            (id, var writer) = Rig.Session(recorder);
            for (var i = 0; i < 50; i++)
            {
                var position = await Rig.AppendAsync(writer, RecordKind.Answer, new byte[1000]);
                await writer.WaitDurableAsync(position, CancellationToken.None);
            }
        }
        var rebuilt = new MemoryIndex();
        await new RecordingReader(rig.Folder, null, TimeProvider.System).RebuildIndexAsync(rebuilt, CancellationToken.None);

        Assert.Equal(await rebuilt.FindAsync(id, CancellationToken.None), await fed.FindAsync(id, CancellationToken.None));
        Assert.Equal(50, (await rig.ReadAsync(id, fed)).Count);
        Assert.Equal(50, (await rig.ReadAsync(id, new MemoryIndex())).Count);
    }

    [Fact]
    public async Task AfterACrashTheStoreLearnsWhatItMissed()
    {
        using var rig = new Rig();
        var stale = new MemoryIndex();
        await using var recorder = rig.Open();
        var (id, writer) = Rig.Session(recorder);
        for (var i = 0; i < 5; i++)
            await writer.WaitDurableAsync(await Rig.AppendAsync(writer, RecordKind.Answer, new byte[1000]), CancellationToken.None);
        using var crashed = rig.CopyAsAfterCrash();
        await stale.UpsertAsync([new SegmentSpan(id, Path.GetFileName(crashed.SegmentFiles()[0]), 128, 128)], CancellationToken.None);
        await using (crashed.Open(index: stale))
        {
        }
        Assert.Equal(6, (await crashed.ReadAsync(id, stale)).Count);
    }

    [Fact]
    public async Task Threat88_AnIndexRowCannotNameAFileOutsideTheFolder()
    {
        using var rig = new Rig();
        SessionId id;
        await using (var recorder = rig.Open())
        {
            (id, var writer) = Rig.Session(recorder);
            await Rig.AppendAsync(writer, RecordKind.Answer, "mine"u8.ToArray());
        }
        var lying = new MemoryIndex();
        await lying.UpsertAsync([new SegmentSpan(id, "../../etc/passwd", 128, 128)], CancellationToken.None);
        Assert.Empty(await rig.ReadAsync(id, lying));
    }

    [Fact]
    public async Task ADamagedRecordIsNotPlayed()
    {
        using var rig = new Rig();
        SessionId id;
        await using (var recorder = rig.Open())
        {
            (id, var writer) = Rig.Session(recorder);
            await Rig.AppendAsync(writer, RecordKind.Answer, "what the client saw"u8.ToArray());
        }
        var file = rig.SegmentFiles()[0];
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[128 + 88 + 44 + 3] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await Assert.ThrowsAsync<InvalidDataException>(() => rig.ReadAsync(id));
    }

    [Fact]
    public async Task PlaybackKeepsTheRhythmShortensPausesAndObeysTheSpeed()
    {
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow();
        var options = new PlaybackOptions { Speed = 2, IdleLimit = TimeSpan.FromSeconds(10) };
        await using var play = Playback.PlayAsync(Items(start, 0, 4, 600), options, time).GetAsyncEnumerator();

        Assert.True(await play.MoveNextAsync());
        var second = play.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(await second);
        var third = play.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(third.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(await third);
        Assert.False(await play.MoveNextAsync());
    }

    [Fact]
    public async Task SteppingWaitsForTheViewerOnly()
    {
        var steps = 0;
        var options = new PlaybackOptions { Step = _ => { steps++; return ValueTask.CompletedTask; } };
        await foreach (var _ in Playback.PlayAsync(Items(DateTimeOffset.UnixEpoch, 0, 3600, 7200), options, new FakeTimeProvider()))
        {
        }
        Assert.Equal(3, steps);
    }

    private static async IAsyncEnumerable<RecordedItem> Items(DateTimeOffset start, params int[] seconds)
    {
        await Task.CompletedTask;
        foreach (var second in seconds)
            yield return new RecordedItem(start.AddSeconds(second), RecordKind.Event, second, default, true);
    }

    private sealed class MemoryIndex : ISegmentIndexStore
    {
        private readonly SortedDictionary<(string, SessionId), SegmentSpan> _rows = [];

        public ValueTask UpsertAsync(IReadOnlyList<SegmentSpan> spans, CancellationToken cancellationToken)
        {
            foreach (var span in spans)
                _rows[(span.Segment, span.Session)] = span;
            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<SegmentSpan>> FindAsync(SessionId session, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<SegmentSpan>>([.. _rows.Values.Where(row => row.Session == session)]);

        public ValueTask ClearAsync(CancellationToken cancellationToken)
        {
            _rows.Clear();
            return ValueTask.CompletedTask;
        }
    }
}
