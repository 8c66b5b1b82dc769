using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Recording.Ring;
using Sallyport.Recording.Segments;

namespace Sallyport.Recording.Replay;

/// <summary>
/// Reads recordings out of the segments of a folder, also while a gateway writes them (it needs no lock). Sees what the flusher has
/// written, about 50 ms behind. Throws <see cref="InvalidDataException"/> where a record is not what was appended: then verify.
/// </summary>
public sealed class RecordingReader(string folder, ISegmentIndexStore? index, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>All sessions, in the order in which their first record was written.</summary>
    public IReadOnlyList<RecordedSession> ListSessions()
    {
        var order = new List<SessionId>();
        var found = new Dictionary<SessionId, RecordedSession>();
        foreach (var place in SegmentFolder.List(folder))
        {
            foreach (var (id, span) in IndexOf(place))
            {
                if (!found.TryGetValue(id, out var known))
                {
                    order.Add(id);
                    known = new RecordedSession(id, place.Name, true);
                }
                found[id] = known with { IsOpen = known.IsOpen && !span.Ended };
            }
        }
        return [.. order.Select(id => found[id])];
    }

    /// <summary>Makes the store's index anew from the segments alone; says how many rows it wrote.</summary>
    public async Task<int> RebuildIndexAsync(ISegmentIndexStore store, CancellationToken cancellationToken)
    {
        await store.ClearAsync(cancellationToken).ConfigureAwait(false);
        var rows = 0;
        foreach (var place in SegmentFolder.List(folder))
        {
            var spans = RowsOf(place);
            rows += spans.Count;
            if (spans.Count > 0)
                await store.UpsertAsync(spans, cancellationToken).ConfigureAwait(false);
        }
        return rows;
    }

    /// <summary>
    /// The session's records in order. With <paramref name="follow"/> it waits for more until the session has ended; without, it ends
    /// with what is there.
    /// </summary>
    public async IAsyncEnumerable<RecordedItem> ReadAsync(
        SessionId session, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var joiner = new PartJoiner();
        var known = await FindRowsAsync(session, cancellationToken).ConfigureAwait(false);
        long after = 0;
        while (true)
        {
            var places = SegmentFolder.List(folder);
            foreach (var place in places.Where(place => place.Number > after))
            {
                after = place.Number;
                using var input = SegmentInput.TryOpen(place.Path);
                if (input is null)
                    continue;
                await foreach (var item in ReadSegmentAsync(input, place, session, joiner, known, follow, cancellationToken).ConfigureAwait(false))
                {
                    yield return item;
                    if (item.Kind is RecordKind.SessionClosed or RecordKind.Interrupted)
                        yield break;
                }
            }
            if (!follow)
                break;
            await Task.Delay(Poll, time, cancellationToken).ConfigureAwait(false);
        }
        if (joiner.Abandoned() is { } rest)
            yield return rest;
    }

    private async IAsyncEnumerable<RecordedItem> ReadSegmentAsync(
        SegmentInput input, SegmentName place, SessionId session, PartJoiner joiner, Dictionary<string, SegmentSpan>? known, bool follow,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (offset, last) = RangeOf(input, place, session, known);
        while (offset >= 0 && offset <= last)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var outcome = input.ReadAt(offset);
            if (outcome == BlockOutcome.Block)
            {
                foreach (var item in ItemsOf(input, place, offset, session, joiner))
                    yield return item;
                offset += input.Block.Length + BlockHeader.Overhead;
                continue;
            }
            if (outcome == BlockOutcome.Broken)
                throw new InvalidDataException($"{place.Name} is damaged at offset {offset}: run verify.");
            if (outcome == BlockOutcome.Seal || !follow || HasSuccessor(place))
                yield break;
            await Task.Delay(Poll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>From which block to which; the end is open while the segment is written.</summary>
    private static (long First, long Last) RangeOf(SegmentInput input, SegmentName place, SessionId session, Dictionary<string, SegmentSpan>? known)
    {
        if (input.FindSeal() is not { } seal)
            return (SegmentHeader.Size, long.MaxValue);
        if (known is not null)
            return known.TryGetValue(place.Name, out var row) ? (row.FirstOffset, row.LastOffset) : (-1, -1);
        foreach (var (id, span) in SegmentIndex.Read(input, seal.IndexOffset))
        {
            if (id == session)
                return (span.First, span.Last);
        }
        return (-1, -1);
    }

    private static List<RecordedItem> ItemsOf(SegmentInput input, SegmentName place, long offset, SessionId session, PartJoiner joiner)
    {
        var items = new List<RecordedItem>();
        if (input.Block.Kind != BlockKind.Records)
            return items;
        var records = new BlockRecords(input.Payload);
        while (records.MoveNext())
        {
            if (records.Header.Session != session)
                continue;
            if (!records.IsIntact)
                throw new InvalidDataException($"{place.Name} is damaged at offset {offset + BlockHeader.Size + records.Offset}: run verify.");
            joiner.Add(records.Header, records.Body, items);
        }
        return items;
    }

    /// <summary>The store's rows by segment; null when it knows nothing of the session, so that the segments must say.</summary>
    private async ValueTask<Dictionary<string, SegmentSpan>?> FindRowsAsync(SessionId session, CancellationToken cancellationToken)
    {
        if (index is null)
            return null;
        var rows = await index.FindAsync(session, cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows.ToDictionary(static row => row.Segment);
    }

    private bool HasSuccessor(SegmentName place) => SegmentFolder.List(folder).Exists(other => other.Number > place.Number);

    internal List<SegmentSpan> RowsOfLastSegment() => SegmentFolder.List(folder) is [.., var last] ? RowsOf(last) : [];

    private static List<SegmentSpan> RowsOf(SegmentName place) =>
        [.. IndexOf(place).Where(static entry => entry.Span.First >= 0)
            .Select(entry => new SegmentSpan(entry.Session, place.Name, entry.Span.First, entry.Span.Last))];

    private static List<(SessionId Session, SessionSpan Span)> IndexOf(SegmentName place)
    {
        using var input = SegmentInput.TryOpen(place.Path);
        return input is null ? [] : SegmentIndex.Of(input);
    }
}
