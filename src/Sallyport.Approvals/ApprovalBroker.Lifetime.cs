using Sallyport.Core;

namespace Sallyport.Approvals;

/// <content>Starting from what the store kept, and stopping.</content>
public sealed partial class ApprovalBroker
{
    /// <summary>
    /// Takes up the tickets that still stand, and ends what nobody waits for any more. Answers what it ended, for the record.
    /// People who had counted for a ticket that still needs others are asked again: whom they acted for was not stored.
    /// Throws what the store throws: without its holds the gateway must not start.
    /// </summary>
    public async ValueTask<IReadOnlyList<StoredHold>> StartAsync(CancellationToken cancellationToken)
    {
        var ended = new List<StoredHold>();
        foreach (var stored in await _store.ListAsync(HoldState.Waiting, int.MaxValue, cancellationToken))
            await RestoreAsync(stored, null, ended, cancellationToken);
        foreach (var stored in await _store.ListAsync(HoldState.Approved, int.MaxValue, cancellationToken))
        {
            var approved = new HoldOutcome(HoldState.Approved, [.. stored.DecidedBy], stored.Reason);
            if (stored.Hold.IsTicket)
                await RestoreAsync(stored, approved, ended, cancellationToken);
        }
        return ended;
    }

    /// <summary>Withdraws every waiting hold and takes no new ones; tickets stay in the store for the next start.</summary>
    public async Task StopAsync()
    {
        _stopping = true;
        var ending = new List<Task>();
        foreach (var command in _book.Table.All())
        {
            if (command.Hold.IsTicket)
                continue;
            command.End(HoldState.Withdrawn, Reasons.Stopping);
            ending.Add(command.Told);
        }
        await Task.WhenAll(ending);
    }

    private async ValueTask RestoreAsync(StoredHold stored, HoldOutcome? outcome, List<StoredHold> ended, CancellationToken token)
    {
        var now = _time.GetUtcNow();
        var hold = stored.Hold;
        var remaining = hold.ExpiresAt - now;

        // A clock that was set back while the gateway was down must not give more than was given at first.
        var whole = hold.ExpiresAt - hold.AskedAt;
        var command = new HeldCommand(hold, TimeSpan.FromTicks(Math.Min(Math.Min(remaining.Ticks, whole.Ticks), LongestWait.Ticks)), _book);
        var reason = !hold.IsTicket ? Reasons.Restarted : remaining <= TimeSpan.Zero ? Reasons.Late : AddRestored(command);
        if (reason is null)
        {
            command.Restore(outcome);
            if (outcome is null)
                _book.Registered(command);
            return;
        }
        var end = stored with { State = HoldState.Expired, Reason = reason, EndedAt = now };
        await _store.UpdateAsync(end, token);
        ended.Add(end);
    }

    private string? AddRestored(HeldCommand command)
    {
        var adding = _book.Table.TryAdd(command, restored: true);
        adding.Replaced?.Replace();
        return adding.Standing is null ? adding.Refusal : Reasons.Replaced;
    }
}
