using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// The slow tier: whatever must wait, be refused or be held. The message was copied out, so nothing here depends on the pipe.
/// </summary>
internal sealed partial class ClientPump
{
    // No statement has this name: the server must fail what names it, at its place in the pipeline. A name that can be known could be
    // given to a statement, and what is refused would then succeed.
    private static readonly byte[] NoSuchName = UnguessableName();

    // The statement of what an approver wrote. It can be seen in the server while it is there, so the next one has another name.
    private byte[]? _modifiedName;

    private async ValueTask<bool> HandleSlowAsync(SlowMessage message)
    {
        if (ReferenceEquals(message, SlowMessage.WaitForRoom))
            return await _gate.RoomAsync();
        if (ReferenceEquals(message, SlowMessage.LetServerAnswer))
        {
            await DrainAsync(untilCopy: _mayCopy && !_copyEndSent);
            return true;
        }
        if (!_state.Services.Identity.IsLive(_state.Session.Principal))
        {
            _state.End(SessionEnd.ProofExpired, "the proof of identity expired or was revoked",
                Diagnostic.Fatal(SqlState.AdminShutdown, "your secret expired or was revoked", "Get a new one and connect again."));
            return false;
        }
        switch (message.Type)
        {
            case ClientMessage.Query:
                return await SlowQueryAsync(message.Body);
            case ClientMessage.Parse:
                return await SlowParseAsync(message.Body);
            case ClientMessage.Bind:
                return await SlowBindAsync(message.Body);
            case ClientMessage.Execute:
                return await SlowExecuteAsync(message.Body);
            case ClientMessage.Describe:
                return await SlowDescribeAsync(message);
            case ClientMessage.FunctionCall:
                return await FunctionCallAsync(message.Body);
            case ClientMessage.CopyDone or ClientMessage.CopyFail:
                _isUnsettled = _isCopyCounted;
                _isCopyCounted = false;
                return await _gate.RoomAsync() && Again(message);
            default:
                return Again(message);
        }
    }

    /// <summary>Runs the fast tier on the copy: for messages that were only split over the pipe's blocks, or waited for room.</summary>
    private bool Again(SlowMessage message)
    {
        var whole = new byte[MessageFrame.HeaderLength + message.Body.Length];
        MessageWriter.WriteHeader(whole, message.Type, message.Body.Length);
        message.Body.CopyTo(whole, MessageFrame.HeaderLength);
        var step = Handle(message.Type, new ReadOnlySequence<byte>(whole));
        if (step == Step.Slow)
            Break("a message that the gateway could not place");
        return step == Step.Done;
    }

    private async ValueTask<bool> SlowQueryAsync(byte[] body)
    {
        if (!TryText(body, out var text))
            return Break("invalid Query message") == Step.Done;
        var facts = await ReadAsync(text);
        var judged = await JudgeAsync(facts);
        var asked = new Asked(text, facts, judged.Facts, judged.Judgement, null);
        var passed = await PassAsync(asked);
        if (passed.IsOver)
            return false;
        if (passed.Refusal is { } refusal)
        {
            RefusedCopy(HasCopy(facts));
            return PoisonQuery(refusal);
        }
        var command = passed.Command!;
        if (await CommitsUncountedAsync(command.Effective))
            return await RunInStepsAsync(command, judged.Judgement.Decision);
        MessageWriter.WriteQuery(_state.Upstream.Output, command.Text.Span);
        PushQuery(command.Effective, command.Judgement.Touches);
        return true;
    }

    private async ValueTask<bool> SlowParseAsync(byte[] body)
    {
        if (!TryParse(body, out var name, out var text, out var oids))
            return Break("invalid Parse message") == Step.Done;
        // The server keeps the old statement when the name is taken; which of the two it will be, only its answers tell.
        if (name.Length > 0 && IsTaken(name))
            await DrainAsync();
        var facts = await ReadAsync(text);
        var judged = await JudgeAsync(facts);
        if (judged.Judgement.Decision.Kind == DecisionKind.Deny)
        {
            RefusedCopy(HasCopy(facts));
            _judge.Meter?.Ask(1, touches: false, writes: false);
            var denied = new Asked(text, facts, judged.Facts, judged.Judgement, null);
            return await _gate.RecordAsync(denied, denied.Verdict, CommandFlags.PrepareOnly) &&
                   PoisonBind(Refusals.Denied(denied.Verdict, _judge.Followed(facts)));
        }
        MessageWriter.WriteParse(_state.Upstream.Output, name, text.Span, oids);
        if (name.Length == 0 || !IsTaken(name))
        {
            Prepared(name, oids, facts);
            return true;
        }
        var other = new PreparedStatement(name, facts, TypesOf(oids));
        _state.Pending.Push(new Pending { Kind = PendingKind.Parse, Statement = other });
        await DrainAsync();
        // Something that cannot be seen here, DEALLOCATE in a function say, had freed the name.
        if (other.State == StatementState.Live)
            _statements.Set(name, other);
        return true;
    }

    private async ValueTask<bool> SlowBindAsync(byte[] body)
    {
        if (!BindView.TryRead(body, out var view))
            return Break("invalid Bind message") == Step.Done;
        var name = view.Statement.ToArray();
        if (TryStatement(name, out var unsure) && IsUnsure(unsure))
            await DrainAsync();
        // SQL-level PREPARE shares the protocol's names; it is bound by what it will run.
        var text = Encoding.UTF8.GetString(NameTable<PreparedStatement>.Cut(name));
        var bySql = name.Length == 0 ? null : _names.FindPrepared(text);
        var isParsed = TryStatement(name, out var statement);
        if (isParsed && bySql is not null)
            return PoisonBind(Diagnostic.Error(SqlState.InvalidStatementName, $"prepared statement \"{text}\" may be that of Parse or that of PREPARE"));
        if (!isParsed)
        {
            if (bySql is null)
                return PoisonBind(Diagnostic.Error(SqlState.InvalidStatementName, name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{text}\" does not exist"));
            statement = new PreparedStatement(name, bySql, []) { State = StatementState.Live };
        }
        MessageWriter.Write(_state.Upstream.Output, ClientMessage.Bind, body);
        BindView.TryRead(body, out view);
        Bound(view, statement, body);
        return true;
    }

    private async ValueTask<bool> SlowExecuteAsync(byte[] body)
    {
        if (!ExecuteView.TryRead(body, out var view))
            return Break("invalid Execute message") == Step.Done;
        var rows = view.MaxRows;
        var name = view.Portal.ToArray();
        if (TryPortal(name, out var portal) && IsUnsure(portal))
            await DrainAsync();
        if (!TryPortal(name, out portal) || portal.Statement is not { } statement || IsUnsure(portal))
        {
            // What failed to be bound may have been a COPY, and its data be on the way.
            RefusedCopy(isCopy: true);
            return PoisonBind(NoPortal(name));
        }
        if (portal.NamesVersion != _names.Version && SqlNames.RunsByName(statement.Facts))
            return PoisonBind(Diagnostic.Error("34000", "what the statement runs by name may have changed since it was bound", null, "Bind it again."));
        var judged = await JudgeAsync(statement.Facts, portal);
        var asked = new Asked(statement.Facts.Text, statement.Facts, judged.Facts, judged.Judgement, portal);
        var passed = await PassAsync(asked);
        if (passed.IsOver)
            return false;
        if (passed.Refusal is { } refusal)
        {
            RefusedCopy(HasCopy(statement.Facts));
            return PoisonBind(refusal);
        }
        var command = passed.Command!;
        if (passed.IsModified && !await RebindAsync(portal, command))
            return true;
        var message = new ArrayBufferWriter<byte>(portal.Name.Length + 16);
        MessageWriter.WriteExecute(message, portal.Name, rows);
        Run(message.WrittenSpan, portal, command.Effective, new Judgement(judged.Judgement.Decision, command.Judgement.Touches));
        return true;
    }

    private async ValueTask<bool> SlowDescribeAsync(SlowMessage message)
    {
        await DrainAsync();
        return TargetView.TryRead(message.Body, out var view) && view.IsPortal && TryPortal(view.Name, out var portal) && IsUnsure(portal)
            ? PoisonBind(NoPortal(view.Name))
            : Again(message);
    }

    private static Diagnostic NoPortal(ReadOnlySpan<byte> name) => Diagnostic.Error("34000", $"portal \"{Encoding.UTF8.GetString(name)}\" does not exist");

    private async ValueTask<bool> FunctionCallAsync(byte[] body)
    {
        var oid = body.Length >= 4 ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(body) : 0;
        var text = Encoding.UTF8.GetBytes($"-- FunctionCall of OID {oid}");
        var facts = new SqlFacts([new Effect(EffectKind.Opaque, "function_call") { Detail = $"FunctionCall of OID {oid} cannot be read" }], []) { Text = text };
        var judged = await JudgeAsync(facts);
        var passed = await PassAsync(new Asked(text, facts, judged.Facts, judged.Judgement, null));
        if (passed.IsOver)
            return false;
        if (passed.Refusal is not null || passed.IsModified)
            return PoisonQuery(passed.Refusal ?? Refusals.Unable("a FunctionCall cannot be modified"));
        MessageWriter.Write(_state.Upstream.Output, ClientMessage.FunctionCall, body);
        EndImplicit();
        _state.Pending.Push(new Pending { Kind = PendingKind.FunctionCall, Change = Sent(facts, byExecute: false) });
        return true;
    }

    private async ValueTask<SqlFacts> ReadAsync(ReadOnlyMemory<byte> text) =>
        text.Length <= MaxInlineText ? _state.Services.Sql.Read(text.Span) : await Task.Run(() => _state.Services.Sql.Read(text.Span));

    /// <summary>Judges with everything that the verdict needs: fresh names, and what is run by name.</summary>
    private async ValueTask<(SqlFacts Facts, Judgement Judgement)> JudgeAsync(SqlFacts facts, Portal? portal = null)
    {
        if (_judge.HasOwnChanges)
            await DrainAsync();
        EndOwnChanges();
        if (Guess(facts) is { } guessed)
            return (facts, guessed);
        if (await ReadCatalogueAsync(facts) is { } refused)
            return (facts, refused);
        if (Guess(facts) is { } second)
            return (facts, second);
        await AskForNamesAsync(facts);
        var isResolved = portal is null || IsResolved(portal);
        if (!SqlNames.RunsByName(facts))
            return (facts, _judge.Decide(facts, isResolved));
        await DrainAsync();
        var effective = _names.Effective(facts, ProtocolNamed, out var areResolved);
        if (await ReadCatalogueAsync(effective) is { } unread)
            return (facts, unread);
        await AskForNamesAsync(effective);
        // What one statement of several runs may move names for those behind it.
        isResolved &= areResolved && (facts.Statements.Length == 1 || !effective.MovesNames);
        var judgement = _judge.Decide(effective, isResolved);
        foreach (var body in SqlNames.PreparedBodies(facts))
        {
            var prepared = _judge.Decide(body);
            if (prepared.Decision.Kind == DecisionKind.Deny)
                judgement = prepared;
        }
        return (effective, judgement);
    }

    private SqlFacts? ProtocolNamed(string name, bool isCursor, out bool isResolved)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        isResolved = true;
        if (isCursor && _portals.TryGet(bytes, out var portal))
        {
            isResolved = portal.Statement is null || IsResolved(portal);
            return portal.IsAnswered ? portal.Statement?.Facts : SqlNames.Unknown("cursor", name);
        }
        if (isCursor)
            return null;
        return TryStatement(bytes, out var statement) ? statement.Facts : null;
    }

    /// <summary>Waits until the server answered everything sent so far, or asks for COPY data where that is as good.</summary>
    private async ValueTask DrainAsync(bool untilCopy = false)
    {
        if (_state.Pending.IsEmpty)
            return;
        MessageWriter.Write(_state.Upstream.Output, ClientMessage.Flush, []);
        await _state.Upstream.Output.FlushAsync();
        await Task.WhenAny(_state.DrainAsync(untilCopy), _state.Ended);
    }

    private static byte[] UnguessableName() => Encoding.ASCII.GetBytes("\x01sallyport " + RandomNumberGenerator.GetHexString(32));

    private bool PoisonQuery(Diagnostic refusal)
    {
        MessageWriter.WriteQuery(_state.Upstream.Output, "!sallyport refused a command here"u8);
        _state.Pending.Push(new Pending { Kind = PendingKind.Query, Poison = refusal });
        return true;
    }

    private bool PoisonBind(Diagnostic refusal)
    {
        // A portal of the same impossible name, so that no portal of the client's is touched.
        MessageWriter.WriteBind(_state.Upstream.Output, NoSuchName, NoSuchName, "\0\0\0\0\0\0"u8);
        _state.Pending.Push(new Pending { Kind = PendingKind.Bind, Poison = refusal });
        return true;
    }

    private static bool TryText(byte[] body, out ReadOnlyMemory<byte> text)
    {
        var isQuery = QueryView.TryRead(body, out var view);
        text = isQuery ? body.AsMemory(0, view.Text.Length) : default;
        return isQuery;
    }

    private static bool TryParse(byte[] body, out byte[] name, out ReadOnlyMemory<byte> text, out byte[] oids)
    {
        var isParse = ParseView.TryRead(body, out var view);
        name = isParse ? view.Name.ToArray() : [];
        oids = isParse ? view.TypeOids.ToArray() : [];
        text = isParse ? body.AsMemory(view.Name.Length + 1, view.Text.Length) : default;
        return isParse;
    }
}
