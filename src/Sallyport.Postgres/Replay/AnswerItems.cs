using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

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
