using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

/// <summary>One readable thing of a recorded PostgreSQL session. Texts are as recorded: whoever shows them must escape them.</summary>
public abstract record TranscriptItem(DateTimeOffset At);

/// <summary>A parameter in words; null <see cref="Text"/> is SQL NULL.</summary>
public sealed record TranscriptParameter(uint Type, string? Text);

/// <summary>A command with its decision.</summary>
public sealed record CommandItem(
    DateTimeOffset At, ulong Number, DecisionKind Decision, CommandFlags Flags, string Rule, string Snapshot, string Text)
    : TranscriptItem(At)
{
    public ImmutableArray<TranscriptParameter> Parameters { get; init; } = [];

    /// <summary>Whether the upstream was given it to run.</summary>
    public bool Ran => (Decision == DecisionKind.Allow || Flags.HasFlag(CommandFlags.Approved)) && !Flags.HasFlag(CommandFlags.PrepareOnly);
}

/// <summary>
/// A result as the client saw it. Names are null where the server did not describe it again (a prepared statement).
/// <see cref="Rows"/> are the first ones, <see cref="RowCount"/> counts all; a null cell is SQL NULL.
/// </summary>
public sealed record ResultItem(
    DateTimeOffset At, ImmutableArray<string>? Columns, ImmutableArray<ImmutableArray<string?>> Rows, long RowCount, string Tag)
    : TranscriptItem(At);

/// <summary>An ErrorResponse or NoticeResponse (PostgreSQL protocol, "Error and Notice Message Fields").</summary>
public sealed record MessageItem(
    DateTimeOffset At, bool IsError, string Severity, string Code, string Message, string? Detail, string? Hint)
    : TranscriptItem(At);

/// <summary>COPY data in one direction: how much of it passed.</summary>
public sealed record CopyItem(DateTimeOffset At, bool ToClient, long Bytes) : TranscriptItem(At);

/// <summary>What the recording says in JSON: the session's beginning and end, what became of a hold, events.</summary>
public sealed record NoteItem(DateTimeOffset At, RecordKind Kind, string Json) : TranscriptItem(At);

/// <summary>Bytes that are not what they should be; the rest of the direction cannot be read.</summary>
public sealed record UnreadableItem(DateTimeOffset At, string What) : TranscriptItem(At);
