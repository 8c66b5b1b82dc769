using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Recording.Segments;

namespace Sallyport.Cli.Sessions;

/// <summary>A verification as <c>--json</c> prints it. A session that was asked for and has no record is not intact.</summary>
internal sealed record VerifyMessage
{
    public required bool Intact { get; init; }

    public required int Segments { get; init; }

    public required long Blocks { get; init; }

    public required long Records { get; init; }

    public string? Session { get; init; }

    public long? SessionRecords { get; init; }

    public required string Head { get; init; }

    public required ImmutableArray<FindingMessage> Findings { get; init; }

    public static VerifyMessage From(VerifyReport report, SessionId? session) => new()
    {
        Intact = report.IsIntact && (session is null || report.SessionRecords > 0),
        Segments = report.Segments,
        Blocks = report.Blocks,
        Records = report.Records,
        Session = session?.ToString(),
        SessionRecords = session is null ? null : report.SessionRecords,
        Head = Convert.ToHexStringLower(report.Head),
        Findings = [.. report.Findings.Select(FindingMessage.From)],
    };
}

/// <summary>Where something is wrong; see <see cref="VerifyFinding"/>.</summary>
internal sealed record FindingMessage(
    VerifyFindingKind Kind, string Message, string Segment, int? Block, int? Record, string? Session, long? Sequence, long? Offset)
{
    public static FindingMessage From(VerifyFinding finding) => new(
        finding.Kind, finding.Message, finding.Segment, finding.Block, finding.Record, finding.Session?.ToString(), finding.Sequence,
        finding.Offset);
}
