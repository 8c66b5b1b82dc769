using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Recording.Segments;

namespace Sallyport.Cli.Sessions;

/// <summary>A verification as <c>--json</c> prints it. A session that was asked for and has no record is not intact.</summary>
internal sealed record VerifyMessage(
    bool Intact, int Segments, long Blocks, long Records, string? Session, long? SessionRecords, string Head, ImmutableArray<FindingMessage> Findings)
{
    public static VerifyMessage From(VerifyReport report, SessionId? session) => new(
        report.IsIntact && (session is null || report.SessionRecords > 0), report.Segments, report.Blocks, report.Records, session?.ToString(),
        session is null ? null : report.SessionRecords, Convert.ToHexStringLower(report.Head), [.. report.Findings.Select(FindingMessage.From)]);
}

/// <summary>Where something is wrong; see <see cref="VerifyFinding"/>.</summary>
internal sealed record FindingMessage(
    VerifyFindingKind Kind, string Message, string Segment, int? Block, int? Record, string? Session, long? Sequence, long? Offset)
{
    public static FindingMessage From(VerifyFinding finding) => new(
        finding.Kind, finding.Message, finding.Segment, finding.Block, finding.Record, finding.Session?.ToString(), finding.Sequence, finding.Offset);
}
