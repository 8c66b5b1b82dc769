using Sallyport.Core;

namespace Sallyport.Approvals;

public enum HoldEventKind : byte
{
    Asked,

    /// <summary>An approver counted and more are needed.</summary>
    Counted,

    Ended,
}

/// <summary>A change of a hold. <see cref="Outcome"/> is there when it ended.</summary>
public sealed record HoldEvent(HoldEventKind Kind, Hold Hold, HoldOutcome? Outcome, int StillNeeded, DateTimeOffset At);
