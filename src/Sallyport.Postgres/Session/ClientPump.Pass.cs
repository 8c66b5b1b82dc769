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
internal sealed record Asked(ReadOnlyMemory<byte> Text, SqlFacts Facts, SqlFacts Effective, Judgement Judgement, Portal? Portal);

/// <summary>Whether it may go upstream, and as what.</summary>
internal readonly record struct Passed
{
    /// <summary>The session is over; nothing is to be sent.</summary>
    public bool IsOver { get; init; }

    /// <summary>Refused with these words.</summary>
    public Diagnostic? Refusal { get; init; }

    public ReadOnlyMemory<byte> Text { get; init; }

    public SqlFacts Facts { get; init; }

    public bool Touches { get; init; }

    /// <summary>The text is an approver's.</summary>
    public bool IsModified { get; init; }
}

/// <summary>From a verdict to passing: records it, refuses or holds.</summary>
internal sealed partial class ClientPump
{
    private async ValueTask<Passed> PassAsync(Asked asked)
    {
        var decision = asked.Judgement.Decision;
        if (!decision.Observed.IsEmpty)
        {
            var would = new { @event = "observed", would = decision.Observed, command = _log.Number + 1 };
            if (!await RecordEventAsync(RecordKind.Event, would))
                return Over;
        }
        var flags = asked.Portal is null ? CommandFlags.None : CommandFlags.Prepared;
        if (_judge.Meter is { } meter && await ChargeAsync(meter, asked, flags, isNew: true) is { } overspent)
            return overspent;
        switch (decision.Kind)
        {
            case DecisionKind.Allow:
                return await RecordAsync(decision, flags, asked.Text, asked.Portal, _judge.DurabilityOf(_judge.Followed(asked.Effective))) ? Pass(asked, asked.Judgement.Touches) : Over;
            case DecisionKind.Hold:
                return await HoldAsync(asked, flags);
            default:
                return await RecordAsync(decision, flags, asked.Text, asked.Portal) ? Refused(Refusals.Denied(decision, _judge.Followed(asked.Effective))) : Over;
        }
    }

    private static Passed Over => new() { IsOver = true };

    private static Passed Refused(Diagnostic refusal) => new() { Refusal = refusal };

    private static Passed Pass(Asked asked, bool touches) => new() { Text = asked.Text, Facts = asked.Effective, Touches = touches };

    private async ValueTask<Passed> HoldAsync(Asked asked, CommandFlags flags)
    {
        await DrainAsync();
        // The server discards everything up to the next Sync: there is nothing to approve.
        if (_state.IsSkipping)
            return Refused(Refusals.Unable("an earlier message of the pipeline failed"));
        var decision = asked.Judgement.Decision;
        var terms = decision.Hold!;
        var holder = new Holder(_state, _log, asked);
        var (permit, by, holdId) = holder.TryPass();
        if (permit == HoldPermit.Ticket && !await _state.Services.Approvals.ConfirmUseAsync(holdId!, _state.Session.Killed))
            return Refused(Refusals.Unable("the use of the ticket cannot be stored"));
        if (permit != HoldPermit.None)
        {
            if (!await RecordEventAsync(RecordKind.HoldOutcome, new { hold = holdId, outcome = permit.ToString().ToLowerInvariant(), by }))
                return Over;
            return await RecordAsync(decision, flags | CommandFlags.Approved, asked.Text, asked.Portal) ? Pass(asked, asked.Judgement.Touches) : Over;
        }
        if (!await RecordAsync(decision, flags, asked.Text, asked.Portal))
            return Over;
        var isInTransaction = _state.TransactionStatus != 'I';
        if (terms.Ticket || (isInTransaction && terms.WithinTransaction <= TimeSpan.Zero))
            return Refused(await holder.AskTicketAsync(isInTransaction));

        var outcome = await holder.WaitAsync(isInTransaction);
        var told = new { hold = holder.Id, outcome = outcome.State.ToString().ToLowerInvariant(), by = outcome.By, reason = outcome.Reason, text = outcome.ModifiedText };
        if (!await RecordEventAsync(RecordKind.HoldOutcome, told) || _state.Ended.IsCompleted)
            return Over;
        switch (outcome.State)
        {
            case HoldState.Approved:
                _state.TellClient(Holder.Notice(Refusals.Passed(holder.Id, outcome)));
                return await DecideAgainAsync(asked, asked.Text, flags | CommandFlags.Approved);
            case HoldState.Modified:
                _state.TellClient(Holder.Notice(Refusals.Passed(holder.Id, outcome)));
                return await DecideAgainAsync(asked, System.Text.Encoding.UTF8.GetBytes(outcome.ModifiedText!), flags | CommandFlags.Approved | CommandFlags.Modified);
            default:
                return Refused(Refusals.Ended(decision, holder.Id, outcome));
        }
    }

    /// <summary>
    /// What was approved is decided again under the policy of now, and so is what an approver wrote. The hold that was just answered
    /// counts as answered; another rule's does not.
    /// </summary>
    private async ValueTask<Passed> DecideAgainAsync(Asked asked, ReadOnlyMemory<byte> text, CommandFlags flags)
    {
        var isModified = (flags & CommandFlags.Modified) != 0;
        var facts = isModified ? await ReadAsync(text) : asked.Facts;
        var (effective, judgement) = await JudgeAsync(facts, isModified ? null : asked.Portal);
        var again = new Asked(text, facts, effective, judgement, asked.Portal);
        if (_judge.Meter is { } meter && await ChargeAsync(meter, again, flags, isNew: false) is { } overspent)
            return overspent;
        switch (judgement.Decision.Kind)
        {
            case DecisionKind.Deny:
                return await RecordAsync(judgement.Decision, flags, text, asked.Portal) ? Refused(Refusals.Denied(judgement.Decision, _judge.Followed(effective))) : Over;
            case DecisionKind.Hold when !IsSameHold(judgement.Decision, asked.Judgement.Decision):
                var held = await HoldAsync(again, flags);
                return held with { IsModified = isModified || held.IsModified };
            default:
                return await RecordAsync(judgement.Decision, flags, text, asked.Portal) ? Pass(again, judgement.Touches) with { IsModified = isModified } : Over;
        }
    }

    /// <summary>A rule that wants other approvers, or more of them, than those who answered was not answered.</summary>
    private static bool IsSameHold(Decision now, Decision then) =>
        now.Rule == then.Rule && now.Hold!.Count == then.Hold!.Count && now.Hold.Approvers.SequenceEqual(then.Hold.Approvers);

    /// <summary>
    /// Binds what an approver wrote in the place of the client's statement, with the client's parameters, if parameters and rows are
    /// of the same types. False when it was refused; the client has been told.
    /// </summary>
    private async ValueTask<bool> RebindAsync(Portal portal, Passed passed)
    {
        var output = _state.Upstream.Output;
        var original = portal.Statement!;
        var count = CommandLog.TryParameters(portal.Tail, out _, out var parameters, out _) ? parameters : 0;
        var types = new byte[count * 4];
        for (var i = 0; i < count; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(types.AsSpan(i * 4), original.TypeOf(i));
        var former = _modifiedName;
        _modifiedName = UnguessableName();
        var modified = new PreparedStatement(_modifiedName, passed.Facts, []);

        MessageWriter.WriteTarget(output, ClientMessage.Describe, 'P', portal.Name);
        Inject(PendingKind.DescribePortal, original, portal.Shape);
        MessageWriter.WriteTarget(output, ClientMessage.Close, 'S', former);
        Inject(PendingKind.Close, null, null);
        MessageWriter.WriteParse(output, _modifiedName, passed.Text.Span, types);
        Inject(PendingKind.Parse, modified, null);
        MessageWriter.WriteTarget(output, ClientMessage.Describe, 'S', _modifiedName);
        Inject(PendingKind.DescribeStatement, modified, null);
        await DrainAsync();
        if (_state.IsSkipping)
            return false;
        var fits = modified.ParameterTypes?.Length == count && original.Fields is { } before && modified.Fields is { } after &&
                   before.Select(static f => f.TypeOid).SequenceEqual(after.Select(static f => f.TypeOid));
        if (!fits)
        {
            PoisonBind(Diagnostic.Error(SqlState.InsufficientPrivilege,
                "the approver's text does not fit: it has other parameters, or rows of other types", null, "Ask for a text of the same parameters and columns."));
            return false;
        }
        if (portal.Name.Length > 0)
        {
            MessageWriter.WriteTarget(output, ClientMessage.Close, 'P', portal.Name);
            Inject(PendingKind.Close, null, null);
        }
        var tail = portal.Tail.ToArray();
        MessageWriter.WriteBind(output, portal.Name, _modifiedName, tail);
        portal.Bind(modified, modified.ShapeFor(portal.Shape!.Formats), tail, _segment);
        portal.NamesEpoch = _judge.Names.Epoch;
        _state.Pending.Push(new Pending { Kind = PendingKind.Bind, IsInjected = true, Portal = portal, Binding = portal.Binding });
        return true;
    }

    private void Inject(PendingKind kind, PreparedStatement? statement, ResultShape? shape) =>
        _state.Pending.Push(new Pending { Kind = kind, IsInjected = true, Statement = statement, Shape = shape });
}
