using Sallyport.Core;
using Sallyport.Recording.Tests.Support;

namespace Sallyport.Recording.Tests;

/// <summary>On a real device that is really full: a tmpfs of a few megabytes (needs root, as continuous integration has).</summary>
public sealed class DiskFullTests : IDisposable
{
    private readonly Rig _rig = new();

    private readonly Mount _mount;

    public DiskFullTests() => _mount = new Mount(_rig.Folder, "tmpfs", "-o", "size=8m");

    [Fact]
    public async Task Threat89_BelowTheWatermarkNoNewSessionIsLetInAndRunningOnesGoOn()
    {
        await using var recorder = _rig.Open(o => o with { MinimumFreeBytes = 4 << 20 });
        var (_, writer) = Rig.Session(recorder);
        var payload = new byte[64 * 1024];
        for (var i = 0; i < 60; i++)
            await Rig.AppendAsync(writer, RecordKind.Answer, payload);
        Assert.True(await recorder.FlushAsync(CancellationToken.None));

        Assert.Null(recorder.TryOpen(SessionId.New(TimeProvider.System), out var reason));
        Assert.Contains("MiB free", reason, StringComparison.Ordinal);
        var position = await Rig.AppendAsync(writer, RecordKind.Command, "still here"u8.ToArray());
        Assert.True(await writer.WaitDurableAsync(position, CancellationToken.None));
    }

    [Fact]
    public async Task Threat89_TheReserveIsSpentBeforeAnythingFailsAndThenEverythingFails()
    {
        await using var recorder = _rig.Open(o => o with { ReservedBytes = 2 << 20 });
        var (id, writer) = Rig.Session(recorder);
        var payload = new byte[64 * 1024];
        var taken = 0;
        string? refusal = null;
        while (true)
        {
            if (writer.TryAppend(RecordKind.Answer, payload, default, out var position) != RecordOutcome.Taken
                || !await writer.WaitDurableAsync(position, CancellationToken.None))
                break;
            taken++;
            if (refusal is null && recorder.TryOpen(SessionId.New(TimeProvider.System), out refusal) is not null)
                refusal = null;
        }

        Assert.Contains("kept for sessions that already run", refusal, StringComparison.Ordinal);
        Assert.Contains("cannot be written", recorder.Fault, StringComparison.Ordinal);
        Assert.Equal(RecordOutcome.Failed, writer.TryAppend(RecordKind.Answer, payload, default, out _));
        Assert.False(await writer.WaitForRoomAsync(CancellationToken.None));
        var kept = await _rig.ReadAsync(id);
        Assert.True(kept.Count >= taken, $"{kept.Count} of {taken} durable records are there");
    }

    public void Dispose()
    {
        _mount.Dispose();
        _rig.Dispose();
    }
}
