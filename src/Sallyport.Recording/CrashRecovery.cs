using System.Text;
using Sallyport.Core;
using Sallyport.Recording.Ring;
using Sallyport.Recording.Segments;

namespace Sallyport.Recording;

/// <summary>
/// What a start does about the run before it: closes the segment that has no seal (bytes after its last whole block are set aside as
/// <c>.torn</c>, never thrown away), takes over what only the ring held, and ends every session that was still open.
/// </summary>
internal static class CrashRecovery
{
    private static readonly byte[] InterruptedPayload = Encoding.UTF8.GetBytes("{\"reason\":\"the gateway ended while the session was open\"}");

    /// <summary>Reads where the chain stands; seals the last segment when the last run could not.</summary>
    public static ChainState CloseLastSegment(RecorderOptions options, GatewayKey key, TimeProvider time, DiskReserve reserve, HeadLog heads)
    {
        var segments = SegmentFolder.List(options.Folder);
        while (segments.Count > 0)
        {
            var last = segments[^1];
            using var input = SegmentInput.TryOpen(last.Path);
            if (input is not null)
                return Close(options, key, time, reserve, heads, segments, input);
            // The crash hit while the header was written: there is nothing in it yet.
            File.Move(last.Path, last.Path + ".torn", overwrite: true);
            segments.RemoveAt(segments.Count - 1);
        }
        return new ChainState();
    }

    /// <summary>Stores what the ring still holds and an end for each open session; returns how many of each.</summary>
    public static (int Records, int Unfinished, int Interrupted) Drain(RecordRing? ring, SegmentWriter writer, ChainState state, TimeProvider time)
    {
        var records = 0;
        var unfinished = 0;
        var end = state.RingEnd;
        var epoch = state.RingEpoch;
        if (ring is not null)
        {
            // A block can have been written without the ring being told: then the segment knows better.
            var salvage = new RingSalvage(ring, ring.Epoch == state.RingEpoch ? Math.Max(ring.Read, state.RingEnd) : ring.Read);
            epoch = ring.Epoch;
            while (salvage.MoveNext())
            {
                if (!writer.HasRoom)
                    writer.WriteBlock(epoch, end, direct: false);
                var bytes = ring.HeaderOf(salvage.Position);
                var header = RecordHeader.Read(bytes);
                Flusher.CopyEntry(ring, salvage.Position, bytes, header, writer.Claim(header));
                end = salvage.Next;
                records++;
            }
            unfinished = salvage.Unfinished;
        }
        var open = writer.Spans.All.Where(static entry => !entry.Value.Ended).ToArray();
        foreach (var (session, span) in open)
        {
            if (!writer.HasRoom)
                writer.WriteBlock(epoch, end, direct: false);
            var header = new RecordHeader(
                InterruptedPayload.Length, 0, time.GetUtcNow().UtcTicks, session, span.Sequence + 1, RecordKind.Interrupted, PartFlags.None);
            var target = writer.Claim(header);
            InterruptedPayload.CopyTo(target[RecordHeader.Size..]);
            RecordHeader.Write(target, header, InterruptedPayload, default);
        }
        if (writer.HasBlock)
        {
            writer.WriteBlock(epoch, end, direct: false);
            writer.Sync();
        }
        return (records, unfinished, open.Length);
    }

    private static ChainState Close(
        RecorderOptions options, GatewayKey key, TimeProvider time, DiskReserve reserve, HeadLog heads,
        List<SegmentName> segments, SegmentInput input)
    {
        var last = segments[^1];
        var spans = new SessionSpans();
        if (input.FindSeal() is { } seal)
        {
            RestoreIndex(input, seal.IndexOffset, spans);
            var ended = ReadChain(input, seal.IndexOffset, spans, seal.FinalHash);
            return ended with { Number = last.Number, NextRecord = seal.NextRecord };
        }
        RestoreFromSegmentBefore(segments, spans);
        spans.StartSegment();
        var state = ReadChain(input, SegmentHeader.Size, spans, input.HeaderHash) with { Number = last.Number };
        SetAside(last.Path, input, state.Offset);
        using var writer = new SegmentWriter(options.Folder, key, time, reserve, heads, state);
        writer.Resume(last, state.Offset);
        writer.SealSegment(afterCrash: true);
        return state with { Hash = writer.Head };
    }

    private static void RestoreFromSegmentBefore(List<SegmentName> segments, SessionSpans spans)
    {
        if (segments.Count < 2)
            return;
        using var before = SegmentInput.TryOpen(segments[^2].Path);
        if (before?.FindSeal() is { } seal)
            RestoreIndex(before, seal.IndexOffset, spans);
    }

    private static void RestoreIndex(SegmentInput input, long offset, SessionSpans spans)
    {
        foreach (var (session, span) in SegmentIndex.Read(input, offset))
            spans.Restore(session, span);
    }

    /// <summary>Follows the chain from <paramref name="offset"/> as far as it is whole.</summary>
    private static ChainState ReadChain(SegmentInput input, long offset, SessionSpans spans, byte[] hash)
    {
        var state = new ChainState
        {
            NextRecord = input.Header.FirstRecord,
            RingEpoch = input.Header.RingEpoch,
            RingEnd = input.Header.RingEnd,
            Hash = hash,
            Spans = spans,
            Offset = offset,
        };
        while (input.ReadAt(state.Offset) == BlockOutcome.Block)
        {
            var block = input.Block;
            if (block.Kind == BlockKind.Records && !input.Previous.SequenceEqual(state.Hash))
                break;
            if (!input.Hash.SequenceEqual(input.ComputeHash()))
                break;
            // An index without its seal is written again.
            if (block.Kind == BlockKind.Index && input.FindSeal() is null)
                break;
            var records = new BlockRecords(input.Payload);
            while (block.Kind == BlockKind.Records && records.MoveNext())
                spans.Note(records.Header, state.Offset);
            state = state with
            {
                NextRecord = block.FirstRecord + (block.Kind == BlockKind.Records ? block.Count : 0),
                RingEpoch = block.RingEpoch,
                RingEnd = block.RingEnd,
                Hash = block.Kind == BlockKind.Records ? input.Hash.ToArray() : state.Hash,
                Offset = state.Offset + block.Length + BlockHeader.Overhead,
            };
        }
        return state;
    }

    private static void SetAside(string path, SegmentInput input, long offset)
    {
        if (offset == input.Length)
            return;
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        source.Seek(offset, SeekOrigin.Begin);
        using var target = PrivateFile.Create(path + ".torn", FileMode.Create);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }
}
