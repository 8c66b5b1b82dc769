using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>What a client asks, with the verdict on it.</summary>
/// <param name="Text">The exact text.</param>
/// <param name="Facts">As read from the text.</param>
/// <param name="Effective">With what it runs by name.</param>
/// <param name="Judgement">The verdict.</param>
/// <param name="Portal">For Execute: with the parameters.</param>
internal sealed record Asked(ReadOnlyMemory<byte> Text, SqlFacts Facts, SqlFacts Effective, Judgement Judgement, Portal? Portal)
    : AskedCommand(Text, Judgement.Decision)
{
    public override string Shape => CommandShape.Of(Effective);

    public override ImmutableArray<HoldParameter> HoldParameters => BoundParameters.Shown(Portal);

    public override void AddTo(CommandHash hash)
    {
        base.AddTo(hash);
        if (Portal is not null)
            BoundParameters.AddTo(hash, Portal);
    }
}

/// <summary>What the gate needs of the client's pump.</summary>
internal interface ISqlGateSide
{
    /// <summary>Waits until the server answered all that was sent; why people need not be asked then, or null.</summary>
    ValueTask<string?> SettleBeforeHoldAsync();

    ValueTask<Asked> JudgeAgainAsync(Asked asked, ReadOnlyMemory<byte> text, bool isModified);

    ValueTask<Passage<Asked, Diagnostic>?> ChargeAsync(Asked asked, CommandFlags flags, bool isNew);
}

/// <summary>The gate of a PostgreSQL session: refusals are diagnostics, and a command that waits hears notices.</summary>
internal sealed class SqlGate(SessionState state, Judge judge, CommandJournal journal, ISqlGateSide side)
    : CommandGate<Asked, Diagnostic>(state.Session, state.Services.Approvals, state.Services.Time, state.Services.Options.HoldHeartbeat)
{
    protected override Task Ended => state.Ended;

    protected override bool IsInTransaction => state.TransactionStatus != 'I';

    protected override ulong NextNumber => journal.Number + 1;

    protected override CancellationToken ClientGone => state.ClientGone;

    protected override IEnumerable<string> History => journal.History();

    protected override RecordOutcome Append(Asked asked, Decision decision, CommandFlags flags, out long position) =>
        journal.TryAppend(decision, flags, asked.Text, BoundParameters.Recorded(asked.Portal), out position);

    protected override RecordOutcome Append(RecordKind kind, byte[] json, out long position) => journal.TryEvent(kind, json, out position);

    protected override Durability DurabilityOf(Asked asked) => judge.DurabilityOf(judge.Followed(asked.Effective));

    protected override ValueTask<Passage<Asked, Diagnostic>?> ChargeAsync(Asked asked, CommandFlags flags, bool isNew) =>
        side.ChargeAsync(asked, flags, isNew);

    protected override ValueTask<string?> BeforeHoldAsync() => side.SettleBeforeHoldAsync();

    protected override ValueTask<Asked> JudgeAgainAsync(Asked asked, ReadOnlyMemory<byte> text, bool isModified) =>
        side.JudgeAgainAsync(asked, text, isModified);

    protected override void OnHeld(Asked asked, CancellationTokenSource? withdraw) => state.Held = withdraw;

    protected override Task<string?> EstimateAsync(Asked asked, CancellationToken cancellationToken) => asked.Portal is null
        ? RowEstimate.AskAsync(state, asked.Facts, cancellationToken)
        : Task.FromResult<string?>(null);

    protected override void End(SessionEnd end, string detail) =>
        state.End(end, detail, end == SessionEnd.RecorderFailed ? SessionWords.RecorderFailed : null);

    protected override Diagnostic Denied(Asked asked) => Refusals.Denied(asked.Verdict, judge.Followed(asked.Effective));

    protected override Diagnostic Unable(string why) => Refusals.Unable(why);

    protected override Diagnostic Ticket(Asked asked, string holdId) => Refusals.Ticket(asked.Verdict, holdId, asked.Verdict.Hold!.Within);

    protected override Diagnostic NotApproved(Asked asked, string holdId, HoldOutcome outcome) => Refusals.Ended(asked.Verdict, holdId, outcome);

    protected override void TellHeld(Asked asked, string holdId, TimeSpan left) => Tell(Refusals.Held(asked.Verdict, holdId, left));

    protected override void TellStillHeld(Asked asked, string holdId, TimeSpan left) => Tell(Refusals.StillHeld(holdId, left));

    protected override void TellPassed(Asked asked, string holdId, HoldOutcome outcome) => Tell(Refusals.Passed(holdId, outcome));

    private void Tell(Diagnostic notice)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        MessageWriter.WriteDiagnostic(buffer, notice);
        state.TellClient(buffer.WrittenSpan.ToArray());
    }
}
