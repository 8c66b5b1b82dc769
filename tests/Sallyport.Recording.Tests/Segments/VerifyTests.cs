using System.Security.Cryptography;
using Sallyport.Core;
using Sallyport.Recording.Segments;
using Sallyport.Recording.Tests.Support;

namespace Sallyport.Recording.Tests.Segments;

public sealed class VerifyTests : IAsyncLifetime
{
    private readonly Rig _rig = new();
    private SessionId _session;

    /// <summary>Three segments; blocks of one record each, sealed.</summary>
    public async Task InitializeAsync()
    {
        for (var run = 0; run < 3; run++)
        {
            await using var recorder = _rig.Open();
            (_session, var writer) = Rig.Session(recorder);
            for (var i = 0; i < 5; i++)
            {
                var position = await Rig.AppendAsync(writer, RecordKind.Event, new byte[500]);
                Assert.True(await writer.WaitDurableAsync(position, CancellationToken.None));
            }
            await Rig.AppendAsync(writer, RecordKind.SessionClosed, "{}"u8.ToArray());
        }
    }

    public Task DisposeAsync()
    {
        _rig.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void AnUntouchedRecordingIsIntact()
    {
        var report = _rig.Verify(session: _session);
        Assert.Empty(report.Findings);
        Assert.Equal((3, 18L, 6L), (report.Segments, report.Records, report.SessionRecords));
    }

    [Fact]
    public void Threat92_EveryEditedByteOfASegmentIsFound()
    {
        var file = _rig.SegmentFiles()[1];
        var bytes = File.ReadAllBytes(file);
        for (var at = 0; at < bytes.Length; at += at < 700 ? 1 : 37)
        {
            bytes[at] ^= 0x40;
            File.WriteAllBytes(file, bytes);
            Assert.False(_rig.Verify(withHeads: false).IsIntact, $"byte {at}");
            bytes[at] ^= 0x40;
        }
    }

    [Fact]
    public void Threat92_EditedByteIsNamed()
    {
        var file = _rig.SegmentFiles()[2];
        var blocks = Blocks(file);
        Edit(file, bytes => bytes[blocks[3].Offset + BlockHeader.Size + 44 + 17] ^= 1);

        var finding = Assert.Single(_rig.Verify().Findings);
        Assert.Equal(VerifyFindingKind.RecordEdited, finding.Kind);
        Assert.Equal((Path.GetFileName(file), 3, 0), (finding.Segment, finding.Block, finding.Record));
        Assert.Equal((_session, 4L, blocks[3].Offset + (long)BlockHeader.Size), (finding.Session, finding.Sequence, finding.Offset));
    }

    [Fact]
    public void Threat92_ARemovedBlockIsNamed()
    {
        var file = _rig.SegmentFiles()[1];
        var (offset, length) = Blocks(file)[2];
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, [.. bytes[..offset], .. bytes[(offset + length)..]]);

        var finding = _rig.Verify(withHeads: false).Findings[0];
        Assert.Equal((VerifyFindingKind.BlockRemoved, 2), (finding.Kind, finding.Block));
        Assert.Contains("records 9 to 9", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threat92_SwappedBlocksAreNamed()
    {
        var file = _rig.SegmentFiles()[1];
        var blocks = Blocks(file);
        var bytes = File.ReadAllBytes(file);
        var (first, second) = (blocks[1], blocks[2]);
        File.WriteAllBytes(file, [
            .. bytes[..first.Offset],
            .. bytes.AsSpan(second.Offset, second.Length),
            .. bytes.AsSpan(first.Offset, first.Length),
            .. bytes[(second.Offset + second.Length)..],
        ]);

        var finding = _rig.Verify(withHeads: false).Findings[0];
        Assert.Equal((VerifyFindingKind.BlockReordered, 1), (finding.Kind, finding.Block));
    }

    [Fact]
    public void Threat92_ACutTailShowsInTheLogOfHeads()
    {
        var file = _rig.SegmentFiles()[^1];
        Cut(file, Blocks(file)[4].Offset);

        Assert.Empty(_rig.Verify(withHeads: false).Findings);
        var finding = Assert.Single(_rig.Verify().Findings);
        Assert.Equal((VerifyFindingKind.TailCut, Path.GetFileName(file)), (finding.Kind, finding.Segment));
    }

    [Fact]
    public void Threat92_ACutTailShowsAgainstAHeadSomebodyNoted()
    {
        var head = _rig.Verify().Head;
        Assert.Empty(_rig.Verify(withHeads: false, expectedHead: head).Findings);
        var file = _rig.SegmentFiles()[^1];
        Cut(file, Blocks(file)[2].Offset);

        Assert.Equal(VerifyFindingKind.TailCut, Assert.Single(_rig.Verify(withHeads: false, expectedHead: head).Findings).Kind);
    }

    [Fact]
    public void Threat92_ACutInsideABlockIsATailCut()
    {
        var file = _rig.SegmentFiles()[^1];
        Cut(file, Blocks(file)[4].Offset + 50);
        Assert.Equal(VerifyFindingKind.TailCut, Assert.Single(_rig.Verify(withHeads: false).Findings).Kind);
    }

    [Fact]
    public void Threat92_AMissingSealInTheMiddleIsFoundWithoutAnyHead()
    {
        var file = _rig.SegmentFiles()[1];
        Cut(file, Blocks(file)[4].Offset);
        var kinds = _rig.Verify(withHeads: false).Findings.Select(finding => finding.Kind).ToList();
        Assert.Equal([VerifyFindingKind.SealMissing, VerifyFindingKind.TailCut], kinds);
    }

    [Fact]
    public void Threat92_ARemovedSegmentIsFound()
    {
        File.Delete(_rig.SegmentFiles()[1]);
        Assert.Equal(VerifyFindingKind.SegmentMissing, Assert.Single(_rig.Verify(withHeads: false).Findings).Kind);
        Assert.Equal(2, _rig.Verify().Findings.Count(finding => finding.Kind == VerifyFindingKind.SegmentMissing));
    }

    [Fact]
    public void Threat92_ARemovedLastSegmentShowsInTheLogOfHeads()
    {
        File.Delete(_rig.SegmentFiles()[^1]);
        Assert.Equal(VerifyFindingKind.SegmentMissing, Assert.Single(_rig.Verify().Findings).Kind);
    }

    [Fact]
    public void Threat92_AChainWrittenAnewFailsAtTheSeal()
    {
        var file = _rig.SegmentFiles()[^1];
        var bytes = File.ReadAllBytes(file);
        Rechain(bytes, Blocks(file));
        File.WriteAllBytes(file, bytes);
        Assert.Equal(VerifyFindingKind.SealInvalid, Assert.Single(_rig.Verify(withHeads: false).Findings).Kind);
    }

    [Fact]
    public void Threat92_ASealOfAForeignKeyIsRefused()
    {
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var report = SegmentVerifier.VerifyFolder(_rig.Folder, new VerifyOptions { TrustedKeys = [foreign.ExportSubjectPublicKeyInfoPem()] });
        Assert.Equal(3, report.Findings.Count(finding => finding.Kind == VerifyFindingKind.SealInvalid));
    }

    private static void Cut(string file, int length)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(length);
    }

    private static void Edit(string file, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(file);
        change(bytes);
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>What an attacker without the key can do: change a record and compute every checksum and hash again.</summary>
    private static void Rechain(byte[] bytes, List<(int Offset, int Length)> blocks)
    {
        var previous = ChainHash.Compute(bytes.AsSpan(0, SegmentHeader.Size));
        foreach (var (offset, length) in blocks)
        {
            var block = bytes.AsSpan(offset, length);
            var payload = block[BlockHeader.Size..^ChainHash.Size];
            if (block[4] == (byte)BlockKind.Records)
            {
                var record = new BlockRecords(payload);
                Assert.True(record.MoveNext());
                var body = payload.Slice(44, record.Header.Length);
                body[0] ^= 1;
                Recording.Ring.RecordHeader.Write(payload, record.Header, body, default);
            }
            previous.CopyTo(block[BlockHeader.PreviousAt..]);
            ChainHash.Compute(block[..^ChainHash.Size], previous);
            previous.CopyTo(block[^ChainHash.Size..]);
        }
    }

    private static List<(int Offset, int Length)> Blocks(string file)
    {
        using var input = SegmentInput.TryOpen(file)!;
        var blocks = new List<(int, int)>();
        for (var offset = SegmentHeader.Size; input.ReadAt(offset) == BlockOutcome.Block; offset += blocks[^1].Item2)
            blocks.Add((offset, input.Block.Length + BlockHeader.Overhead));
        return blocks;
    }
}
