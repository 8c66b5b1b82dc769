using Sallyport.Core;

namespace Sallyport.Recording.Segments;

/// <summary>Who is in a segment: from its index blocks when it is sealed, else by walking it.</summary>
internal static class SegmentIndex
{
    public static List<(SessionId Session, SessionSpan Span)> Of(SegmentInput input) =>
        input.FindSeal() is { } seal ? Read(input, seal.IndexOffset) : Walk(input);

    public static List<(SessionId Session, SessionSpan Span)> Read(SegmentInput input, long indexOffset)
    {
        var found = new List<(SessionId, SessionSpan)>();
        var offset = indexOffset;
        while (input.ReadAt(offset) == BlockOutcome.Block && input.Block.Kind == BlockKind.Index)
        {
            for (var at = 0; at + SessionSpan.Size <= input.Payload.Length; at += SessionSpan.Size)
                found.Add(SessionSpan.Read(input.Payload[at..]));
            offset += input.Block.Length + BlockHeader.Overhead;
        }
        return found;
    }

    private static List<(SessionId Session, SessionSpan Span)> Walk(SegmentInput input)
    {
        var spans = new SessionSpans();
        for (long offset = SegmentHeader.Size; input.ReadAt(offset) == BlockOutcome.Block; offset += input.Block.Length + BlockHeader.Overhead)
        {
            var records = new BlockRecords(input.Payload);
            while (input.Block.Kind == BlockKind.Records && records.MoveNext())
                spans.Note(records.Header, offset);
        }
        return [.. spans.All.Select(static entry => (entry.Key, entry.Value))];
    }
}
