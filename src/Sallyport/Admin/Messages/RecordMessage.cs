using Sallyport.Core;
using Sallyport.Recording.Replay;

namespace Sallyport.Admin;

/// <summary>One record of a session; the payload travels as base64. <see cref="IsWhole"/> as in <see cref="RecordedItem"/>.</summary>
internal sealed record RecordMessage(DateTimeOffset At, RecordKind Kind, long Sequence, byte[] Payload, bool IsWhole)
{
    public static RecordMessage From(RecordedItem item) => new(item.At, item.Kind, item.Sequence, item.Payload.ToArray(), item.IsWhole);

    public RecordedItem ToItem() => new(At, Kind, Sequence, Payload, IsWhole);
}

/// <summary>One line of the answer: a record, or what kept the gateway from going on. A line with a problem is the last.</summary>
internal sealed record RecordLine(RecordMessage? Record, AdminProblem? Problem = null);
