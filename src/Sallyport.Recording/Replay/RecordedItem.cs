using Sallyport.Core;

namespace Sallyport.Recording.Replay;

/// <summary>
/// One record as it was appended, its parts joined. <see cref="IsWhole"/> is false when the recording ends inside it: the gateway died
/// while it was copied, and its command was not let through.
/// </summary>
public sealed record RecordedItem(DateTimeOffset At, RecordKind Kind, long Sequence, ReadOnlyMemory<byte> Payload, bool IsWhole);

/// <summary>A session that has records. <see cref="IsOpen"/> means that none of them ends it.</summary>
public sealed record RecordedSession(SessionId Id, string FirstSegment, bool IsOpen);
