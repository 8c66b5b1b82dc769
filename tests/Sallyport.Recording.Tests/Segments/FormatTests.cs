using Sallyport.Recording.Replay;
using Sallyport.Recording.Segments;
using Sallyport.Recording.Tests.Support;

namespace Sallyport.Recording.Tests.Segments;

/// <summary>A segment of another format is somebody's recording: it is named, and neither read nor set aside as torn.</summary>
public sealed class FormatTests
{
    private const int VersionAt = 8, HashNameAt = 120;

    [Theory]
    [InlineData(VersionAt, "is of format 3 with the hash")]
    [InlineData(HashNameAt, "is of format 2 with another hash")]
    public async Task ASegmentOfAnotherFormatIsRefusedAndLeftAsItIs(int at, string said)
    {
        using var rig = new Rig();
        await rig.Open().DisposeAsync();
        var file = rig.SegmentFiles()[0];
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);

        var opened = Recorder.Open(Rig.OptionsFor(rig.Folder), TimeProvider.System, null);
        Assert.Equal(RecorderOpenOutcome.Failed, opened.Outcome);
        Assert.Contains($"{Path.GetFileName(file)} {said}", opened.Message, StringComparison.Ordinal);
        Assert.Equal([file], rig.SegmentFiles());
        Assert.Equal(bytes, File.ReadAllBytes(file));

        var finding = rig.Verify(withHeads: false).Findings[0];
        Assert.Equal(VerifyFindingKind.HeaderEdited, finding.Kind);
        Assert.Contains(said, finding.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => new RecordingReader(rig.Folder, null, TimeProvider.System).ListSessions());
    }
}
