namespace Sallyport.Approvals;

/// <summary>The broker's bounds. Lengths are UTF-16 code units.</summary>
public sealed record ApprovalOptions
{
    /// <summary>Holds and tickets of one session that wait or are approved and not used yet.</summary>
    public int MaxPerSession { get; init; } = 16;

    public int MaxPerPrincipal { get; init; } = 64;

    public int MaxTotal { get; init; } = 1024;

    public int MaxReasonLength { get; init; } = 1024;

    /// <summary>The command's text and its parameters together, and an approver's new text.</summary>
    public int MaxTextLength { get; init; } = 1024 * 1024;

    /// <summary>Approvers that may stand in line for one hold at the same moment.</summary>
    public int MaxDecidersInLine { get; init; } = 64;

    /// <summary>A longer grant is cut to this.</summary>
    public TimeSpan MaxGrant { get; init; } = TimeSpan.FromHours(8);

    public int MaxGrantsPerSession { get; init; } = 32;

    public int MaxGrants { get; init; } = 4096;

    /// <summary>A store that takes longer has failed.</summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
