using Sallyport.Recording.Ring;

namespace Sallyport.Recording.Segments;

/// <summary>Walks the records in a block's payload.</summary>
internal ref struct BlockRecords(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;

    /// <summary>Where the current record begins in the payload.</summary>
    public int Offset { get; private set; }

    /// <summary>Where the next one begins.</summary>
    public int Next { get; private set; }

    public RecordHeader Header { get; private set; }

    public readonly ReadOnlySpan<byte> Body => _payload.Slice(Offset + RecordHeader.Size, Header.Length);

    public readonly bool IsIntact => RecordHeader.IsIntact(_payload.Slice(Offset, RecordHeader.Size), Body, default);

    /// <summary>False at the end, and where no record fits; then <see cref="Next"/> is short of the payload's length.</summary>
    public bool MoveNext()
    {
        Offset = Next;
        if (_payload.Length - Offset < RecordHeader.Size)
            return false;
        Header = RecordHeader.Read(_payload[Offset..]);
        if ((uint)Header.Length > RecordRing.MaxPart || Header.Length > _payload.Length - Offset - RecordHeader.Size)
            return false;
        Next = Offset + RecordHeader.Size + Header.Length;
        return true;
    }
}
