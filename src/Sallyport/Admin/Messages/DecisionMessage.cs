using Sallyport.Approvals;
using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>
/// An approver's yes. <see cref="Revision"/> is the text that was shown; <see cref="GrantSeconds"/> lets commands like it of the same
/// session pass for so long.
/// </summary>
internal sealed record ApproveRequest(int Revision, string? Reason, long? GrantSeconds);

internal sealed record RejectRequest(string? Reason);

internal sealed record ModifyRequest(string Text, string? Reason);

/// <summary>What became of an approver's word.</summary>
internal sealed record DecisionAnswer(DecideOutcome Outcome, HoldState? State, int StillNeeded, double? GrantedSeconds);
