using Sallyport.Core;

namespace Sallyport.Approvals;

internal enum VoteKind : byte
{
    Approve,
    Reject,
    Modify,
}

/// <summary>
/// One approver's word. <see cref="Revision"/> is the text the approver saw (0: as asked); <see cref="Text"/> is the new one of a
/// modification.
/// </summary>
internal sealed record Vote(VoteKind Kind, Principal By, string? Reason)
{
    public int Revision { get; init; }

    public ApproveScope Scope { get; init; }

    public string? Text { get; init; }
}
