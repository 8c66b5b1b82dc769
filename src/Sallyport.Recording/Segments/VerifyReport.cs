using Sallyport.Core;

namespace Sallyport.Recording.Segments;

/// <summary>What is wrong with a recording.</summary>
public enum VerifyFindingKind : byte
{
    /// <summary>A record's bytes are not what was appended.</summary>
    RecordEdited,

    /// <summary>A block's bytes are not what was written, though each record in it looks whole.</summary>
    BlockEdited,
    BlockRemoved,
    BlockReordered,

    /// <summary>A block does not follow from the one before: something was put in, or the chain was written anew.</summary>
    ChainBroken,
    HeaderEdited,

    /// <summary>A segment is gone, or does not follow from the one before.</summary>
    SegmentMissing,

    /// <summary>The recording ends before a head that is known from outside.</summary>
    TailCut,
    SealMissing,

    /// <summary>The seal was not made by a trusted key over this content.</summary>
    SealInvalid,
}

/// <summary>
/// One finding, as exact as can be: segment file, block and record in it (from 0), the record's session and sequence, the offset in
/// the file. What does not apply is null.
/// </summary>
public sealed record VerifyFinding(VerifyFindingKind Kind, string Segment, string Message)
{
    public int? Block { get; init; }

    public int? Record { get; init; }

    public SessionId? Session { get; init; }

    public long? Sequence { get; init; }

    public long? Offset { get; init; }
}

/// <summary>What to hold the recording against.</summary>
public sealed record VerifyOptions
{
    /// <summary>The gateway's public keys, PEM. A seal of any other key is no seal.</summary>
    public required IReadOnlyList<string> TrustedKeys { get; init; }

    /// <summary>The log of heads kept outside; null when there is none.</summary>
    public string? HeadsLog { get; init; }

    /// <summary>A head somebody noted: a hash that must be in the chain. Null when none was.</summary>
    public byte[]? ExpectedHead { get; init; }

    /// <summary>Only findings that can concern this session; the whole chain is checked all the same.</summary>
    public SessionId? Session { get; init; }
}

/// <summary>The outcome of a verification. <see cref="Head"/> is the chain's last hash: note it to see a cut tail later.</summary>
public sealed record VerifyReport(
    IReadOnlyList<VerifyFinding> Findings, int Segments, long Blocks, long Records, long SessionRecords, byte[] Head)
{
    public bool IsIntact => Findings.Count == 0;
}
