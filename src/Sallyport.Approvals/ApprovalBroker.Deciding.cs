using Sallyport.Core;

namespace Sallyport.Approvals;

/// <content>The approvers' side.</content>
public sealed partial class ApprovalBroker
{
    /// <param name="id">The hold, as typed.</param>
    /// <param name="approver">Who approves; proved by the caller.</param>
    /// <param name="scope">Once, or "like this" for a while.</param>
    /// <param name="reason">Recorded and shown to the client.</param>
    /// <param name="revision">The <see cref="HoldView.Revision"/> that the approver saw: nobody approves a text unseen.</param>
    public Task<DecideResult> ApproveAsync(string id, Principal approver, ApproveScope scope, string? reason, int revision = 0) =>
        DecideAsync(id, new Vote(VoteKind.Approve, approver, reason) { Scope = scope, Revision = revision });

    /// <summary>One rejection ends the hold, however many approved before.</summary>
    public Task<DecideResult> RejectAsync(string id, Principal approver, string? reason) =>
        DecideAsync(id, new Vote(VoteKind.Reject, approver, reason));

    /// <summary>
    /// Approves another text in place of the asked one. It is this person's approval; earlier ones were of another text and are
    /// discarded, later ones must name the new revision. The caller decides about the new text again before it runs.
    /// </summary>
    public Task<DecideResult> ModifyAsync(string id, Principal approver, string newText, string? reason) =>
        DecideAsync(id, new Vote(VoteKind.Modify, approver, reason) { Text = newText });

    /// <summary>What waits and the approved tickets that were not used yet, oldest first.</summary>
    public IReadOnlyList<HoldView> List() =>
        [.. _book.Table.All()
            .Where(command => command.IsRegistered && command.IsOpen)
            .Select(command => command.View())
            .OrderBy(view => view.Hold.AskedAt)];

    /// <summary>A hold, live or ended. Null when there is none; throws what the store throws.</summary>
    public async ValueTask<HoldView?> FindAsync(string id, CancellationToken cancellationToken)
    {
        id = HoldIds.Normalize(id);
        if (_book.Table.Find(id) is { IsRegistered: true } command)
            return command.View();
        if (await _store.FindAsync(id, cancellationToken) is not { } stored)
            return null;
        return new HoldView(stored.Hold, EndedState(stored), [.. stored.DecidedBy], stored.Reason, stored.ModifiedText ?? stored.Hold.Text,
            stored.ModifiedText is null ? 0 : 1, 0, TimeSpan.Zero);
    }

    private async Task<DecideResult> DecideAsync(string id, Vote vote)
    {
        id = HoldIds.Normalize(id);
        if (vote.Reason?.Length > _options.MaxReasonLength)
            return new DecideResult(DecideOutcome.ReasonTooLong);
        if (vote.Text?.Length > _options.MaxTextLength)
            return new DecideResult(DecideOutcome.TextTooLong);
        if (_book.Table.Find(id) is not { IsRegistered: true } command)
            return await DecideEndedAsync(id);
        var right = ApproverRules.Check(command.Hold, vote.By);
        if (right != DecideOutcome.Done)
            return new DecideResult(right);
        if (vote.Kind == VoteKind.Modify && (command.Hold.IsTicket || string.IsNullOrWhiteSpace(vote.Text)))
            return new DecideResult(DecideOutcome.NotModifiable);
        return await command.DecideAsync(vote, _options.MaxDecidersInLine);
    }

    private async Task<DecideResult> DecideEndedAsync(string id)
    {
        using var timeout = new CancellationTokenSource(_options.StoreTimeout, _time);
        try
        {
            var stored = await _store.FindAsync(id, timeout.Token);
            return stored is null ? new DecideResult(DecideOutcome.NotFound) : DecideResult.AlreadyDecided(EndedState(stored));
        }
        catch (Exception)
        {
            return new DecideResult(DecideOutcome.StoreFailed);
        }
    }

    /// <summary>What the store believes to wait but nobody waits for: the store missed its end.</summary>
    private static HoldState EndedState(StoredHold stored) => stored.State == HoldState.Waiting ? HoldState.Expired : stored.State;
}
