namespace Sallyport.Recording.Segments;

/// <summary>Where the chain stands between two segments: what the next one must continue.</summary>
internal sealed record ChainState
{
    /// <summary>The last segment's number; zero before the first.</summary>
    public long Number { get; init; }

    public long NextRecord { get; init; } = 1;

    public byte[] Hash { get; init; } = new byte[ChainHash.Size];

    /// <summary>The run of the ring whose records were stored last, and how far.</summary>
    public long RingEpoch { get; init; }

    public long RingEnd { get; init; }

    /// <summary>How far the segment was whole.</summary>
    public long Offset { get; init; }

    public SessionSpans Spans { get; init; } = new();
}
