namespace Sallyport.Core;

/// <summary>
/// Turns the records of one session, given in order, into readable items; each protocol has its own. Never throws on what is in a
/// record: what cannot be read becomes an <see cref="UnreadableItem"/>.
/// </summary>
public interface ITranscript
{
    /// <summary>The items that this record completes; often none, since answers are cut anywhere.</summary>
    IReadOnlyList<TranscriptItem> Add(DateTimeOffset at, RecordKind kind, ReadOnlySpan<byte> payload);

    /// <summary>What waits for a rest that did not come, when there are no more records.</summary>
    IReadOnlyList<TranscriptItem> Complete();
}
