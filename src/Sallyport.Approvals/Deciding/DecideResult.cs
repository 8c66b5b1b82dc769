using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>What became of an approver's word.</summary>
public enum DecideOutcome : byte
{
    /// <summary>It ended the hold.</summary>
    Done,

    /// <summary>It counts, and more people are needed: <see cref="DecideResult.StillNeeded"/>.</summary>
    Counted,

    NotFound,

    /// <summary>The hold ended before, in <see cref="DecideResult.State"/>; nothing changed.</summary>
    AlreadyDecided,

    /// <summary>Not in the rule's approver groups nor named by it; an agent or service is one only by name.</summary>
    NotAnApprover,

    /// <summary>The approver asked for it, or one of the two acts for the other, or both act for the same person.</summary>
    OwnRequest,

    /// <summary>This person counted already, in their own name or through one who acts for them.</summary>
    SamePersonTwice,

    /// <summary>The text was modified after this approver saw it; nothing changed. Show it again.</summary>
    TextChanged,

    /// <summary>The store could not take it; nothing changed and nothing passed. Try again.</summary>
    StoreFailed,

    /// <summary>Too many approvers stand in line for this hold; nothing changed.</summary>
    Busy,

    TextTooLong,

    ReasonTooLong,

    /// <summary>A ticket (its command comes back as it was), or the new text is blank.</summary>
    NotModifiable,
}

/// <summary>The answer to an approver. <see cref="GrantedFor"/> is how long "like this" passes, when it does.</summary>
public readonly record struct DecideResult(DecideOutcome Outcome, HoldState? State = null, int StillNeeded = 0, TimeSpan? GrantedFor = null)
{
    internal static DecideResult AlreadyDecided(HoldState state) => new(DecideOutcome.AlreadyDecided, state);
}
