namespace Sallyport.Ssh.Session;

/// <summary>The gate of an SSH session: refusals are lines on stderr, and several of its commands may wait at a time.</summary>
internal sealed class SshGate(SshSession session, SshServices services)
    : CommandGate<SshAsked, string>(session.Session, services.Approvals, services.Time, services.Options.HoldHeartbeat)
{
    private readonly Lock _recording = new();
    private readonly CommandJournal _journal = new(session.Session.Recorder);
    private BudgetMeter? _meter;
    private string? _snapshot;

    protected override Task Ended => session.Ended;

    protected override ulong NextNumber => _journal.Number + 1;

    protected override CancellationToken ClientGone => session.Gone;

    protected override IEnumerable<string> History
    {
        get
        {
            lock (_recording)
                return [.. _journal.History()];
        }
    }

    public SshAsked Judge(SshAsked asked) => asked with
    {
        Verdict = services.Decider.Decide(asked.Facts, Session.Principal, Session.Resource, null),
    };

    public void Release() => _meter?.Dispose();

    protected override RecordOutcome Append(SshAsked asked, Decision decision, CommandFlags flags, out long position)
    {
        lock (_recording)
        {
            var outcome = _journal.TryAppend(decision, flags, asked.Text, CommandJournal.NoParameters, out position);
            asked.Recorded.Value = _journal.Number;
            return outcome;
        }
    }

    protected override RecordOutcome Append(RecordKind kind, byte[] json, out long position)
    {
        lock (_recording)
            return _journal.TryEvent(kind, json, out position);
    }

    protected override Durability DurabilityOf(SshAsked asked) =>
        asked.Facts.Effects.All(static e => e.Kind is EffectKind.Read or EffectKind.Session) ? session.Resource.RecordReads : session.Resource.RecordWrites;

    protected override async ValueTask<Passage<SshAsked, string>?> ChargeAsync(SshAsked asked, CommandFlags flags, bool isNew)
    {
        if (!isNew || Spent() is not { } spent)
            return null;
        var denial = new Decision(DecisionKind.Deny, spent.Budget.Name) { Message = SshWords.Spent(spent), Snapshot = asked.Verdict.Snapshot };
        return await RecordAsync(asked, denial, flags) ? Refused(SshWords.Spent(spent)) : Over;
    }

    protected override ValueTask<SshAsked> JudgeAgainAsync(SshAsked asked, ReadOnlyMemory<byte> text, bool isModified)
    {
        if (!isModified)
            return new(Judge(asked));
        if (asked.Read is { } read)
            return new(Judge(asked with { Text = text, Facts = read(text) }));
        var refusal = new Decision(DecisionKind.Deny, asked.Verdict.Rule)
        {
            Message = "only a command line can be changed by an approver",
            Snapshot = services.Decider.Snapshot,
        };
        return new(asked with { Text = text, Verdict = refusal });
    }

    protected override void OnHeld(SshAsked asked, CancellationTokenSource? withdraw)
    {
        if (asked.Channel is { } channel)
            session.Held(channel, withdraw);
    }

    protected override void End(SessionEnd end, string detail) => session.End(end, detail);

    protected override string Denied(SshAsked asked) => SshWords.Denied(asked.Verdict, asked.Facts);

    protected override string Unable(string why) => why + "; try again, and if it stays so, tell who runs the gateway";

    protected override string Ticket(SshAsked asked, string holdId) => SshWords.Ticket(asked.Verdict, holdId);

    protected override string NotApproved(SshAsked asked, string holdId, HoldOutcome outcome) => SshWords.NotApproved(holdId, outcome);

    protected override void TellHeld(SshAsked asked, string holdId, TimeSpan left)
    {
        asked.Waits?.Invoke();
        session.Tell(asked.Channel, SshWords.Held(asked.Verdict, holdId, left));
    }

    protected override void TellStillHeld(SshAsked asked, string holdId, TimeSpan left) => session.Tell(asked.Channel, SshWords.StillHeld(holdId, left));

    protected override void TellPassed(SshAsked asked, string holdId, HoldOutcome outcome) => session.Tell(asked.Channel, SshWords.Passed(holdId, outcome));

    private BudgetSpent? Spent()
    {
        lock (_recording)
        {
            if (_snapshot != services.Decider.Snapshot)
            {
                _snapshot = services.Decider.Snapshot;
                var budgets = services.Decider.BudgetsFor(Session.Principal, Session.Resource);
                if (!budgets.IsEmpty)
                    _meter ??= new BudgetMeter(services.Budgets, Session.Principal.Name);
                _meter?.Adopt(budgets);
            }
            return _meter?.Ask(1, touches: false, writes: false);
        }
    }
}
