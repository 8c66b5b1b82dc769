namespace Sallyport.Recording.Ring;

/// <summary>
/// Walks a ring that the last run left behind and finds what had been published. A reservation that was never finished has an unknown
/// length, so the walk goes on 64 bytes at a time until the next published and intact entry: at most one lap.
/// </summary>
internal sealed class RingSalvage(RecordRing ring, long from)
{
    private readonly long _limit = from + ring.Capacity;
    private long _takenUntil = -1;

    /// <summary>The position of the current entry.</summary>
    public long Position { get; private set; }

    /// <summary>Where the next search begins; after the walk, how far it was read.</summary>
    public long Next { get; private set; } = from;

    /// <summary>Reservations that were never finished: their command had not been told that it was recorded.</summary>
    public int Unfinished { get; private set; }

    public bool MoveNext()
    {
        var inHole = false;
        for (var at = Next; at < _limit; at += RecordRing.EntryHeader)
        {
            if (!TryRead(at, out var header))
            {
                inHole = true;
                continue;
            }
            var end = at + RecordRing.Footprint(header.Length);
            if (inHole)
                Unfinished++;
            if (header.Flags.HasFlag(PartFlags.Continued) && _takenUntil != at)
            {
                at = end - RecordRing.EntryHeader;
                inHole = false;
                continue;
            }
            Position = at;
            Next = end;
            _takenUntil = end;
            return true;
        }
        return false;
    }

    private bool TryRead(long position, out RecordHeader header)
    {
        header = default;
        if (!ring.IsPublished(position))
            return false;
        var bytes = ring.HeaderOf(position);
        header = RecordHeader.Read(bytes);
        if ((uint)header.Length > RecordRing.MaxPart || position + RecordRing.Footprint(header.Length) > _limit)
            return false;
        ring.PayloadOf(position, header.Length, out var first, out var second);
        return RecordHeader.IsIntact(bytes, first, second);
    }
}
