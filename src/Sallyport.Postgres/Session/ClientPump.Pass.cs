using Sallyport.Core;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <content>What the session's gate asks of the pump, and what becomes of a text that an approver wrote.</content>
internal sealed partial class ClientPump : ISqlGateSide
{
    async ValueTask<string?> ISqlGateSide.SettleBeforeHoldAsync()
    {
        await DrainAsync();
        // The server discards everything up to the next Sync: there is nothing to approve.
        return _state.IsSkipping ? "an earlier message of the pipeline failed" : null;
    }

    async ValueTask<Asked> ISqlGateSide.JudgeAgainAsync(Asked asked, ReadOnlyMemory<byte> text, bool isModified)
    {
        var facts = isModified ? await ReadAsync(text) : asked.Facts;
        var (effective, judgement) = await JudgeAsync(facts, isModified ? null : asked.Portal);
        return new Asked(text, facts, effective, judgement, asked.Portal);
    }

    ValueTask<Passage<Asked, Diagnostic>?> ISqlGateSide.ChargeAsync(Asked asked, CommandFlags flags, bool isNew) =>
        _judge.Meter is { } meter ? ChargeAsync(meter, asked, flags, isNew) : new((Passage<Asked, Diagnostic>?)null);

    private ValueTask<Passage<Asked, Diagnostic>> PassAsync(Asked asked) =>
        _gate.PassAsync(asked, asked.Portal is null ? CommandFlags.None : CommandFlags.Prepared);

    /// <summary>
    /// Binds what an approver wrote in the place of the client's statement, with the client's parameters, if parameters and rows are
    /// of the same types. False when it was refused; the client has been told.
    /// </summary>
    private async ValueTask<bool> RebindAsync(Portal portal, Asked passed)
    {
        var output = _state.Upstream.Output;
        var original = portal.Statement!;
        var count = BoundParameters.TryRead(portal.Tail, out _, out var parameters, out _) ? parameters : 0;
        var types = new byte[count * 4];
        for (var i = 0; i < count; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(types.AsSpan(i * 4), original.TypeOf(i));
        var former = _modifiedName;
        var name = _modifiedName = UnguessableName();
        var modified = new PreparedStatement(name, passed.Effective, []);

        MessageWriter.WriteTarget(output, ClientMessage.Describe, 'P', portal.Name);
        Inject(PendingKind.DescribePortal, original, portal.Shape);
        if (former is not null)
        {
            MessageWriter.WriteTarget(output, ClientMessage.Close, 'S', former);
            Inject(PendingKind.Close, null, null);
        }
        MessageWriter.WriteParse(output, name, passed.Text.Span, types);
        Inject(PendingKind.Parse, modified, null);
        MessageWriter.WriteTarget(output, ClientMessage.Describe, 'S', name);
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
        MessageWriter.WriteBind(output, portal.Name, name, tail);
        portal.Bind(modified, modified.ShapeFor(portal.Shape!.Formats), tail, _segment);
        portal.NamesEpoch = _judge.Names.Epoch;
        _state.Pending.Push(new Pending { Kind = PendingKind.Bind, IsInjected = true, Portal = portal, Binding = portal.Binding });
        return true;
    }

    private void Inject(PendingKind kind, PreparedStatement? statement, ResultShape? shape) =>
        _state.Pending.Push(new Pending { Kind = kind, IsInjected = true, Statement = statement, Shape = shape });
}
