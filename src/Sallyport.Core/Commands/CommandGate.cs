namespace Sallyport.Core;

/// <summary>
/// From a verdict to passing, the same for every protocol: records it, refuses, or holds it until people decided, and then decides again.
/// One for a session; what its commands may share is the protocol's to guard in <c>Append</c>.
/// </summary>
/// <typeparam name="TCommand">What the protocol's clients ask.</typeparam>
/// <typeparam name="TRefusal">A refusal in the protocol's own words.</typeparam>
public abstract partial class CommandGate<TCommand, TRefusal>(Session session, IApprovalBroker broker, TimeProvider time, TimeSpan heartbeat)
    where TCommand : AskedCommand
    where TRefusal : class
{
    protected Session Session => session;

    /// <summary>Completes when the session ended, for whatever reason.</summary>
    protected abstract Task Ended { get; }

    /// <summary>Whether it would be held inside a transaction, where it keeps locks.</summary>
    protected virtual bool IsInTransaction => false;

    /// <summary>The number that the next command is recorded under.</summary>
    protected abstract ulong NextNumber { get; }

    /// <summary>Records, decides and, where a rule wants it, waits for people. Each command comes here once.</summary>
    public async ValueTask<Passage<TCommand, TRefusal>> PassAsync(TCommand asked, CommandFlags flags)
    {
        var decision = asked.Verdict;
        if (!decision.Observed.IsEmpty &&
            !await RecordEventAsync(RecordKind.Event, GateEvents.Observed(decision.Observed, NextNumber)))
            return Over;
        if (await ChargeAsync(asked, flags, isNew: true) is { } charged)
            return charged;
        return decision.Kind switch
        {
            DecisionKind.Allow => await RecordAsync(asked, decision, flags, DurabilityOf(asked)) ? Pass(asked) : Over,
            DecisionKind.Hold => await HoldAsync(asked, flags),
            _ => await RecordAsync(asked, decision, flags) ? Refused(Denied(asked)) : Over,
        };
    }

    /// <summary>Records a decision and, where it must be, waits until it is on the device. False ends the session.</summary>
    public async ValueTask<bool> RecordAsync(TCommand asked, Decision decision, CommandFlags flags, Durability durability = Durability.Durable)
    {
        while (true)
        {
            var outcome = Append(asked, decision, flags, out var position);
            if (outcome == RecordOutcome.Taken)
                return durability == Durability.Buffered || await session.Recorder.WaitDurableAsync(position, session.Killed) || Fail();
            if (outcome == RecordOutcome.Failed || !await RoomAsync())
                return Fail();
        }
    }

    /// <summary>As <see cref="RecordAsync"/>, for what is no command. Always durable.</summary>
    public async ValueTask<bool> RecordEventAsync(RecordKind kind, byte[] json)
    {
        while (true)
        {
            var outcome = Append(kind, json, out var position);
            if (outcome == RecordOutcome.Taken)
                return await session.Recorder.WaitDurableAsync(position, CancellationToken.None) || Fail();
            if (outcome == RecordOutcome.Failed || !await RoomAsync())
                return Fail();
        }
    }

    /// <summary>Waits until the recorder has room again. False ends the session.</summary>
    public async ValueTask<bool> RoomAsync() => await session.Recorder.WaitForRoomAsync(session.Killed) || Fail();

    protected static Passage<TCommand, TRefusal> Over => new() { IsOver = true };

    protected static Passage<TCommand, TRefusal> Refused(TRefusal refusal) => new() { Refusal = refusal };

    private static Passage<TCommand, TRefusal> Pass(TCommand asked) => new() { Command = asked };

    /// <summary>Appends a command's record.</summary>
    protected abstract RecordOutcome Append(TCommand asked, Decision decision, CommandFlags flags, out long position);

    /// <summary>Appends a record of what is no command.</summary>
    protected abstract RecordOutcome Append(RecordKind kind, byte[] json, out long position);

    /// <summary>How safe the record of what is allowed must be before it goes on.</summary>
    protected abstract Durability DurabilityOf(TCommand asked);

    /// <summary>Counts it against the budgets; an answer when they do not let it pass.</summary>
    /// <param name="asked">The command, judged.</param>
    /// <param name="flags">How it came here.</param>
    /// <param name="isNew">It was not counted before it was held.</param>
    protected virtual ValueTask<Passage<TCommand, TRefusal>?> ChargeAsync(TCommand asked, CommandFlags flags, bool isNew) => new((Passage<TCommand, TRefusal>?)null);

    /// <summary>Reads and judges it again: the same text under the policy of now, or what an approver wrote.</summary>
    protected abstract ValueTask<TCommand> JudgeAgainAsync(TCommand asked, ReadOnlyMemory<byte> text, bool isModified);

    /// <summary>Ends the session; the first ending counts.</summary>
    protected abstract void End(SessionEnd end, string detail);

    /// <summary>Refused by a rule, by the gateway, or because no rule allows it.</summary>
    protected abstract TRefusal Denied(TCommand asked);

    /// <summary>The upstream or the gateway cannot do now what the command needs.</summary>
    protected abstract TRefusal Unable(string why);

    private bool Fail()
    {
        End(SessionEnd.RecorderFailed, "the recording cannot take the command");
        return false;
    }
}
