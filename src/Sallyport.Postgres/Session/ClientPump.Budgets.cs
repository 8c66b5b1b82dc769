using System.Buffers;
using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <content>
/// Commands of a session with budgets. All of them go through the slow tier, and while rows are counted, what is behind a command waits
/// until it is over: so a command that went too far is stopped, or undone, before anything is built on it.
/// </content>
internal sealed partial class ClientPump
{
    private static readonly byte[] NoParameters = [0, 0, 0, 0, 0, 0];

    private static readonly Action<object?> Gone =
        static s => ((SessionState)s!).End(SessionEnd.ClientLost, "the client left while its command ran");

    private bool _isUnsettled;
    private bool _isCopyCounted;

    /// <summary>Counts a command; the refusal when a budget does not let it pass.</summary>
    /// <param name="meter">The budgets.</param>
    /// <param name="asked">The command, judged.</param>
    /// <param name="flags">How it came here.</param>
    /// <param name="isNew">It was not counted before it was held.</param>
    private async ValueTask<Passage<Asked, Diagnostic>?> ChargeAsync(BudgetMeter meter, Asked asked, CommandFlags flags, bool isNew)
    {
        var charge = Charge.Of(asked.Effective);
        var decision = asked.Judgement.Decision;
        var mayPass = decision.Kind != DecisionKind.Deny;
        var spent = meter.Ask(isNew ? charge.Statements : 0, mayPass && charge.Touches, mayPass && charge.Writes);
        var uncountable = spent is null && mayPass && charge.Hides ? meter.Uncountable() : null;
        if (!await RecordObservedAsync(meter))
            return new Passage<Asked, Diagnostic> { IsOver = true };
        if (!mayPass || charge.OnlyEnds || (spent ?? uncountable) is not { } by)
            return null;
        var refusal = spent is null ? BudgetWords.Uncountable(by, decision.Snapshot) : BudgetWords.Refused(by, decision.Snapshot);
        var denial = new Decision(DecisionKind.Deny, by.Budget.Name) { Message = refusal.Message, Snapshot = decision.Snapshot };
        var isRecorded = await _gate.RecordAsync(asked, denial, flags);
        return new Passage<Asked, Diagnostic> { IsOver = !isRecorded, Refusal = refusal };
    }

    /// <summary>The meter of a command that is sent now, if its rows are counted; then it is waited for.</summary>
    private BudgetMeter? Counted(SqlFacts facts)
    {
        if (_judge.Meter is not { } meter)
            return null;
        if (!meter.CountsRead && !(meter.CountsWritten && (facts.IsOpaque || Charge.Changes(facts))))
            return null;
        _isUnsettled = true;
        return meter;
    }

    /// <summary>Waits until the command that was sent is over, or wants COPY data, and makes up for what went past a budget.</summary>
    private async ValueTask<bool> SettleAsync()
    {
        _isUnsettled = false;
        using (_state.ClientGone.Register(Gone, _state))
            await DrainAsync(untilCopy: _mayCopy && !_copyEndSent);
        if (_judge.Meter is { } meter && !await RecordObservedAsync(meter))
            return false;
        if (_state.TakeOverdraft() is not { } overdraft)
            return !_state.Ended.IsCompleted;
        var what = overdraft.Rows == 0 ? "cut" : overdraft.Swallows || overdraft.Poison is not null ? "undone" : "exceeded";
        if (!await _gate.RecordEventAsync(RecordKind.Event, BudgetWords.Event(overdraft.Spent, what)) || _state.Ended.IsCompleted)
            return false;
        // A cancel that comes late would hit what is sent next.
        await overdraft.Cancelling;
        if (overdraft.Poison == PendingKind.Query)
            PoisonQuery(_judge.Words(overdraft, stands: false));
        else if (overdraft.Poison == PendingKind.Bind)
            PoisonBind(_judge.Words(overdraft, stands: false));
        await _state.Upstream.Output.FlushAsync();
        return true;
    }

    /// <summary>Whether it is a Query of one statement whose written rows the server would commit before it told how many they are.</summary>
    private async ValueTask<bool> CommitsUncountedAsync(SqlFacts facts)
    {
        if (_judge.Meter is not { CountsWritten: true })
            return false;
        if (facts.Statements is not [{ Verb: "insert" or "update" or "delete" or "merge" }])
            return false;
        await DrainAsync();
        return _state.TransactionStatus == 'I' && !_state.IsSkipping;
    }

    /// <summary>
    /// Sends a Query as the messages that do the same and commit with the Sync behind them, which is sent when the rows were counted.
    /// The statement without a name is gone after it, as it is after a Query.
    /// </summary>
    private async ValueTask<bool> RunInStepsAsync(Asked passed, Decision decision)
    {
        var output = _state.Upstream.Output;
        _unnamed = null;
        var statement = new PreparedStatement([], passed.Effective, []);
        MessageWriter.WriteParse(output, [], passed.Text.Span, []);
        Inject(PendingKind.Parse, statement, null);
        var portal = new Portal([]);
        portal.Bind(statement, statement.ShapeFor([]), NoParameters, _segment);
        MessageWriter.WriteBind(output, [], [], NoParameters);
        _state.Pending.Push(new Pending { Kind = PendingKind.Bind, IsInjected = true, Portal = portal, Binding = portal.Binding });
        MessageWriter.WriteTarget(output, ClientMessage.Describe, 'P', []);
        _state.Pending.Push(
            new Pending { Kind = PendingKind.DescribePortal, IsOfQuery = true, Guard = _judge.Guard, Shape = portal.Shape, Statement = statement });
        portal.Shape!.DescribedIn = _segment;
        var execute = new ArrayBufferWriter<byte>(16);
        MessageWriter.WriteExecute(execute, [], 0);
        Run(execute.WrittenSpan, portal, passed.Effective, new Judgement(decision, passed.Judgement.Touches));
        PassCancelOn();
        var isSettled = await SettleAsync();
        return isSettled && Sync([ClientMessage.Sync, 0, 0, 0, 4]) == Step.Done;
    }

    private async ValueTask<bool> RecordObservedAsync(BudgetMeter meter)
    {
        foreach (var spent in meter.TakeObserved())
        {
            if (!await _gate.RecordEventAsync(RecordKind.Event, BudgetWords.Event(spent, "observed")))
                return false;
        }
        return true;
    }
}
