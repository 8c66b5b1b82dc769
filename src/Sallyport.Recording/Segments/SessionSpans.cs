using System.Runtime.InteropServices;
using Sallyport.Core;
using Sallyport.Recording.Ring;

namespace Sallyport.Recording.Segments;

/// <summary>The sessions of the segment being written, kept by the flusher alone. Allocates per session, not per record.</summary>
internal sealed class SessionSpans
{
    private readonly Dictionary<SessionId, SessionSpan> _spans = [];
    private readonly HashSet<SessionId> _changed = [];

    public IReadOnlyDictionary<SessionId, SessionSpan> All => _spans;

    public void Note(in RecordHeader record, long blockOffset)
    {
        ref var span = ref CollectionsMarshal.GetValueRefOrAddDefault(_spans, record.Session, out var known);
        if (!known || span.First < 0)
            span.First = blockOffset;
        if (span.Last != blockOffset || !known)
            _changed.Add(record.Session);
        span.Last = blockOffset;
        span.Sequence = Math.Max(span.Sequence, record.Sequence);
        span.Ended |= record.Kind is RecordKind.SessionClosed or RecordKind.Interrupted;
    }

    /// <summary>A session that an index block told of, with offsets of that segment.</summary>
    public void Restore(SessionId session, SessionSpan span) => _spans[session] = span;

    /// <summary>Forgets the ended sessions and keeps the open ones, without offsets, for the next segment.</summary>
    public void StartSegment()
    {
        _changed.Clear();
        foreach (var (session, span) in _spans.ToArray())
        {
            if (span.Ended)
                _spans.Remove(session);
            else
                _spans[session] = span with { First = -1, Last = -1 };
        }
    }

    /// <summary>The rows of the store that changed since the last call.</summary>
    public List<SegmentSpan> TakeChanged(string segment)
    {
        var rows = new List<SegmentSpan>(_changed.Count);
        foreach (var session in _changed)
        {
            if (_spans.TryGetValue(session, out var span))
                rows.Add(new SegmentSpan(session, segment, span.First, span.Last));
        }
        _changed.Clear();
        return rows;
    }
}
