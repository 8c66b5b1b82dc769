using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Recording.Replay;
using Sallyport.Recording.Segments;

namespace Sallyport.Recording.Tests.Support;

/// <summary>A recording folder that goes away with the test.</summary>
internal sealed class Rig : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("recording-").FullName;

    public string HeadsLog => Path.Combine(Folder, "heads.log");

    public static RecorderOptions OptionsFor(string folder) => new()
    {
        Folder = folder,
        RingBytes = 1 << 20,
        MinimumFreeBytes = 0,
        ReservedBytes = 0,
        FlushInterval = TimeSpan.FromMilliseconds(5),
    };

    public Recorder Open(Func<RecorderOptions, RecorderOptions>? change = null, ISegmentIndexStore? index = null)
    {
        var options = OptionsFor(Folder);
        var opened = Recorder.Open(change is null ? options : change(options), TimeProvider.System, index);
        Assert.True(opened.Outcome == RecorderOpenOutcome.Opened, opened.Message);
        return opened.Recorder!;
    }

    public static (SessionId Id, ISessionRecorder Writer) Session(Recorder recorder)
    {
        var id = SessionId.New(TimeProvider.System);
        var writer = recorder.TryOpen(id, out var reason);
        Assert.True(writer is not null, reason);
        return (id, writer);
    }

    /// <summary>Appends, waiting for room as a connection would; answers the position.</summary>
    public static async Task<long> AppendAsync(ISessionRecorder writer, RecordKind kind, ReadOnlyMemory<byte> payload)
    {
        while (true)
        {
            var outcome = writer.TryAppend(kind, payload.Span, default, out var position);
            if (outcome == RecordOutcome.Taken)
                return position;
            Assert.Equal(RecordOutcome.Full, outcome);
            Assert.True(await writer.WaitForRoomAsync(CancellationToken.None));
        }
    }

    public async Task<List<RecordedItem>> ReadAsync(SessionId session, ISegmentIndexStore? index = null)
    {
        var items = new List<RecordedItem>();
        await foreach (var item in new RecordingReader(Folder, index, TimeProvider.System).ReadAsync(session, follow: false))
            items.Add(item);
        return items;
    }

    public VerifyReport Verify(bool withHeads = true, byte[]? expectedHead = null, SessionId? session = null) =>
        SegmentVerifier.VerifyFolder(Folder, OptionsFor(withHeads, expectedHead, session));

    private VerifyOptions OptionsFor(bool withHeads, byte[]? expectedHead, SessionId? session) => new()
    {
        TrustedKeys = [File.ReadAllText(Path.Combine(Folder, "recording.pub"))],
        HeadsLog = withHeads ? HeadsLog : null,
        ExpectedHead = expectedHead,
        Session = session,
    };

    public string[] SegmentFiles() => [.. Directory.GetFiles(Path.Combine(Folder, "segments"), "*.seg").Order(StringComparer.Ordinal)];

    /// <summary>What the disk of a machine would show if the gateway died now.</summary>
    public Rig CopyAsAfterCrash([CallerMemberName] string test = "")
    {
        var copy = new Rig();
        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == "lock")
                continue;
            var target = Path.Combine(copy.Folder, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var written = new FileStream(target, FileMode.Create);
            source.CopyTo(written);
        }
        Assert.True(Directory.Exists(copy.Folder), test);
        return copy;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
