using System.Collections.Immutable;
using System.Text;

namespace Sallyport.Core;

/// <content>Held commands: what was approved before, tickets, waiting, and what comes after the answer.</content>
public abstract partial class CommandGate<TCommand, TRefusal>
{
    /// <summary>Cancelled when the client's connection is gone.</summary>
    protected abstract CancellationToken ClientGone { get; }

    /// <summary>The session's last commands, oldest first; the last one is the held command itself.</summary>
    protected abstract IEnumerable<string> History { get; }

    /// <summary>Whatever must be over before people are asked; why they cannot be, or null.</summary>
    protected virtual ValueTask<string?> BeforeHoldAsync() => new((string?)null);

    /// <summary>A hold of this command waits, and this takes it back; null when it waits no more.</summary>
    protected virtual void OnHeld(TCommand asked, CancellationTokenSource? withdraw)
    {
    }

    /// <summary>What the upstream itself expects of the command, told to approvers when it is known.</summary>
    protected virtual Task<string?> EstimateAsync(TCommand asked, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Tells the client that its command waits.</summary>
    protected abstract void TellHeld(TCommand asked, string holdId, TimeSpan left);

    /// <summary>Tells the client that it still waits.</summary>
    protected abstract void TellStillHeld(TCommand asked, string holdId, TimeSpan left);

    /// <summary>Tells the client that people let it pass.</summary>
    protected abstract void TellPassed(TCommand asked, string holdId, HoldOutcome outcome);

    /// <summary>Refused with a ticket: the same command passes once after it was approved.</summary>
    protected abstract TRefusal Ticket(TCommand asked, string holdId);

    /// <summary>The hold ended without approval.</summary>
    protected abstract TRefusal NotApproved(TCommand asked, string holdId, HoldOutcome outcome);

    private async ValueTask<Passage<TCommand, TRefusal>> HoldAsync(TCommand asked, CommandFlags flags)
    {
        if (await BeforeHoldAsync() is { } obstacle)
            return Refused(Unable(obstacle));
        var (decision, hash) = (asked.Verdict, HashOf(asked));
        var permit = broker.TryPass(session.Id, session.Principal, session.Resource.Name, decision, hash.AsSpan(), asked.Shape, out var by, out var held);
        if (permit == HoldPermit.Ticket && !await broker.ConfirmUseAsync(held!, session.Killed))
            return Refused(Unable("the use of the ticket cannot be stored"));
        if (permit != HoldPermit.None)
        {
            var used = GateEvents.Outcome(held, permit.ToString().ToLowerInvariant(), by);
            return await RecordEventAsync(RecordKind.HoldOutcome, used) && await RecordAsync(asked, decision, flags | CommandFlags.Approved)
                ? Pass(asked)
                : Over;
        }
        if (!await RecordAsync(asked, decision, flags))
            return Over;
        var terms = decision.Hold!;
        var hold = Describe(asked, hash, terms);
        if (hold.IsTicket)
        {
            var answer = await broker.AskTicketAsync(hold, session.Killed);
            return Refused(answer.HoldId is { } id ? Ticket(asked, id) : Unable("approval cannot be asked for: " + answer.Refusal));
        }
        var outcome = await WaitAsync(asked, hold);
        if (!await RecordEventAsync(RecordKind.HoldOutcome, GateEvents.Outcome(hold.Id, outcome)) || Ended.IsCompleted)
            return Over;
        if (outcome.State is not (HoldState.Approved or HoldState.Modified))
            return Refused(NotApproved(asked, hold.Id, outcome));
        TellPassed(asked, hold.Id, outcome);
        return outcome.State == HoldState.Modified
            ? await DecideAgainAsync(asked, Encoding.UTF8.GetBytes(outcome.ModifiedText!), flags | CommandFlags.Approved | CommandFlags.Modified)
            : await DecideAgainAsync(asked, asked.Text, flags | CommandFlags.Approved);
    }

    /// <summary>
    /// What was approved is decided again under the policy of now, and so is what an approver wrote. The hold that was just answered
    /// counts as answered; another rule's does not.
    /// </summary>
    private async ValueTask<Passage<TCommand, TRefusal>> DecideAgainAsync(TCommand asked, ReadOnlyMemory<byte> text, CommandFlags flags)
    {
        var isModified = (flags & CommandFlags.Modified) != 0;
        var again = await JudgeAgainAsync(asked, text, isModified);
        if (await ChargeAsync(again, flags, isNew: false) is { } charged)
            return charged;
        switch (again.Verdict.Kind)
        {
            case DecisionKind.Deny:
                return await RecordAsync(again, again.Verdict, flags) ? Refused(Denied(again)) : Over;
            case DecisionKind.Hold when !IsSameHold(again.Verdict, asked.Verdict):
                var held = await HoldAsync(again, flags);
                return held with { IsModified = isModified || held.IsModified };
            default:
                return await RecordAsync(again, again.Verdict, flags) ? Pass(again) with { IsModified = isModified } : Over;
        }
    }

    /// <summary>A rule that wants other approvers, or more of them, than those who answered was not answered.</summary>
    private static bool IsSameHold(Decision now, Decision then) =>
        now.Rule == then.Rule && now.Hold!.Count == then.Hold!.Count && now.Hold.Approvers.SequenceEqual(then.Hold.Approvers);

    /// <summary>Waits for the outcome. A client that left or a killed session has ended the session when this returns.</summary>
    private async ValueTask<HoldOutcome> WaitAsync(TCommand asked, Hold hold)
    {
        using var withdrawn = new CancellationTokenSource();
        OnHeld(asked, withdrawn);
        using var killed = session.Killed.Register(static w => ((CancellationTokenSource)w!).Cancel(), withdrawn);
        using var gone = ClientGone.Register(() =>
        {
            End(SessionEnd.ClientLost, $"the client left while {hold.Id} was held");
            withdrawn.Cancel();
        });
        var waiting = broker.HoldAsync(hold, withdrawn.Token);
        var (started, within) = (time.GetTimestamp(), hold.ExpiresAt - hold.AskedAt);
        var estimate = TellEstimateAsync(asked, hold.Id, withdrawn.Token);
        try
        {
            TellHeld(asked, hold.Id, within);
            while (!waiting.IsCompleted)
            {
                var beat = Task.Delay(heartbeat, time);
                await Task.WhenAny(waiting, beat, Ended);
                if (Ended.IsCompleted)
                    await withdrawn.CancelAsync();
                if (withdrawn.IsCancellationRequested)
                    break;
                if (beat.IsCompleted)
                    TellStillHeld(asked, hold.Id, within - time.GetElapsedTime(started));
            }
            return await waiting;
        }
        finally
        {
            OnHeld(asked, null);
            await withdrawn.CancelAsync();
            await estimate;
        }
    }

    private async Task TellEstimateAsync(TCommand asked, string holdId, CancellationToken cancellationToken)
    {
        if (await EstimateAsync(asked, cancellationToken) is { } estimate)
            broker.SetEstimate(holdId, estimate);
    }

    private Hold Describe(TCommand asked, ImmutableArray<byte> hash, HoldTerms terms)
    {
        var isInTransaction = IsInTransaction;
        var isTicket = terms.Ticket || (isInTransaction && terms.WithinTransaction <= TimeSpan.Zero);
        var within = isInTransaction && !isTicket && terms.WithinTransaction < terms.Within ? terms.WithinTransaction : terms.Within;
        var now = time.GetUtcNow();
        return new Hold
        {
            Id = broker.NewId(),
            Session = session.Id,
            Principal = session.Principal,
            Resource = session.Resource.Name,
            Protocol = session.Protocol,
            Client = session.Client,
            Text = Encoding.UTF8.GetString(asked.Text.Span),
            Parameters = asked.HoldParameters,
            Hash = hash,
            Rule = asked.Verdict.Rule,
            Note = asked.Verdict.Message,
            Terms = terms,
            InTransaction = isInTransaction,
            IsTicket = isTicket,
            AskedAt = now,
            ExpiresAt = now + within,
            History = [.. History.SkipLast(1)],
            Shape = asked.Shape,
        };
    }

    private ImmutableArray<byte> HashOf(TCommand asked)
    {
        using var hash = new CommandHash();
        hash.Begin(session.Principal, session.Resource.Name);
        asked.AddTo(hash);
        return hash.Finish();
    }
}
