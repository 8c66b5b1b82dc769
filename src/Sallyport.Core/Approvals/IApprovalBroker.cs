using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>Whether a command that must be held may already pass.</summary>
public enum HoldPermit : byte
{
    /// <summary>No: ask.</summary>
    None,

    /// <summary>A grant "like this" of this session covers it.</summary>
    Grant,

    /// <summary>An approved ticket for exactly this command; it is used up by this call.</summary>
    Ticket,
}

/// <summary>A ticket's id, or null and why it could not be taken. An identical ticket that still stands answers its own id.</summary>
public readonly record struct TicketAnswer(string? HoldId, string? Refusal);

/// <summary>
/// Holds commands until people decide. Exactly one outcome per hold under any race of approvers, expiry, withdrawal and restart.
/// </summary>
public interface IApprovalBroker
{
    /// <summary>A new hold id.</summary>
    string NewId();

    /// <summary>
    /// Looks for a grant or an approved ticket, and uses the ticket up. What was approved under another rule, for another count or by
    /// other approvers than <paramref name="decision"/> names now does not let the command pass. Reads memory only.
    /// </summary>
    HoldPermit TryPass(SessionId session, Principal principal, string resource, Decision decision, ReadOnlySpan<byte> hash, string shape,
        out ImmutableArray<string> by, out string? holdId);

    /// <summary>
    /// After <see cref="HoldPermit.Ticket"/>: completes when the store knows that the ticket was used. False: it cannot, and the
    /// command must not pass, because after a restart the ticket would be good again.
    /// </summary>
    ValueTask<bool> ConfirmUseAsync(string holdId, CancellationToken cancellationToken);

    /// <summary>
    /// Waits for the outcome. <paramref name="withdrawn"/> takes the hold back. Fails closed: a store that cannot take the hold
    /// throws nothing and answers <see cref="HoldState.Expired"/> with a reason.
    /// </summary>
    Task<HoldOutcome> HoldAsync(Hold hold, CancellationToken withdrawn);

    /// <summary>Registers a ticket, or answers the id of the identical one that waits or was approved and not used yet.</summary>
    ValueTask<TicketAnswer> AskTicketAsync(Hold hold, CancellationToken cancellationToken);

    /// <summary>Adds what the upstream estimates, when it comes after the hold was registered.</summary>
    void SetEstimate(string holdId, string estimate);

    /// <summary>Forgets a closed session's grants.</summary>
    void ForgetSession(SessionId session);
}
