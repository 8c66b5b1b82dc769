using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Startup;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>Which message each reply answers, and what follows from it.</summary>
internal sealed partial class UpstreamPump
{
    private RowPlan? _queryPlan;
    private PlannedRows? _lastQuery;
    private bool _isCopyOfExecute;
    private CatalogueChange _change;

    /// <summary>Rows and COPY data without a mask need no look inside, however long they are.</summary>
    private bool PassesUnread(byte type)
    {
        if (type == ServerMessage.CopyData)
            return _copy is not { IsActive: true };
        return type == ServerMessage.DataRow && TryRowPlan(out var plan) && plan is null or { IsPassThrough: true };
    }

    /// <summary>The plan of the rows that come now; null when they pass as they are. False when their shape is not known and masks are in force.</summary>
    private bool TryRowPlan(out RowPlan? plan)
    {
        plan = null;
        ref var head = ref _state.Pending.Peek();
        // A refused command has no rows; its masks may not even be known.
        if (Unsafe.IsNullRef(ref head) || head.Kind is not (PendingKind.Query or PendingKind.Execute) || head.Poison is not null ||
            head.Names is not null)
            return false;
        if (head.Guard is not { } guard)
            return true;
        plan = head.Kind switch
        {
            PendingKind.Query => _queryPlan,
            PendingKind.Execute => ExecutePlan(ref head, guard),
            _ => null,
        };
        return plan is not null;
    }

    private RowPlan? ExecutePlan(ref Pending head, MaskGuard guard)
    {
        var shape = head.Shape!;
        if (shape.Rows is { } rows && ReferenceEquals(rows.Guard, guard))
            return rows.Plan;
        if (_queryPlan is { } once)
            return once;
        if (head.Statement?.Fields is not { Length: > 0 } fields)
            return null;
        var formatted = new FieldDescription[fields.Length];
        for (var i = 0; i < fields.Length; i++)
            formatted[i] = fields[i] with { Format = BindView.FormatAt(shape.Formats, i) };
        var made = Planned(guard.Plan(formatted, head.Facts, head.Touches));
        // What a name stands for may be another thing at the next execution.
        if (SqlNames.RunsByName(head.Statement.Facts))
            return _queryPlan = made;
        shape.Rows = new PlannedRows(guard, head.Facts, head.Touches, [], made);
        return made;
    }

    private RowPlan Planned(RowPlan plan)
    {
        _isInDoubt |= plan.IsInDoubt;
        return plan;
    }

    private Reply Take(byte type, ReadOnlySpan<byte> message)
    {
        var body = message[MessageFrame.HeaderLength..];
        ref var head = ref _state.Pending.Peek();
        var hasHead = !Unsafe.IsNullRef(ref head);
        switch (type)
        {
            case ServerMessage.DataRow when hasHead && head is { Kind: PendingKind.Execute, Names: { } names }:
                return names.TryAdd(body) ? Reply.Written : Ended("a row that is not the answer to what was asked");
            case ServerMessage.DataRow:
                return TryRowPlan(out var plan) && plan is not null && _rows.TryMask(plan, body, _answer)
                    ? Reply.Written
                    : Ended("a row that does not fit its description");
            case ServerMessage.ReadyForQuery:
                return _overdraft is null ? Ready(body) : ReadyOverdrawn(body, message);
            case ServerMessage.CommandComplete:
                return Concluded(body);
            case ServerMessage.RowDescription:
                return hasHead ? Described(ref head, body) : Unexpected(type);
            case ServerMessage.ParameterDescription when hasHead && head.Kind == PendingKind.DescribeStatement:
                return ParametersDescribed(ref head, body);
            case ServerMessage.NoData when hasHead && head.Kind is PendingKind.DescribePortal or PendingKind.DescribeStatement:
                if (head.Statement is { } rowless)
                    rowless.Fields = [];
                head.IsInjected |= head.IsOfQuery;
                return Answered(ref head);
            case ServerMessage.ParseComplete when hasHead && head.Kind == PendingKind.Parse:
                if (head.Statement is { } parsed)
                    parsed.State = StatementState.Live;
                return Answered(ref head);
            case ServerMessage.BindComplete when hasHead && head.Kind == PendingKind.Bind:
                head.Portal?.Answer(head.Binding);
                return Answered(ref head);
            case ServerMessage.CloseComplete when hasHead && head.Kind == PendingKind.Close:
                if (head.Statement is { } closed)
                    closed.State = StatementState.Closed;
                return Answered(ref head);
            case ServerMessage.PortalSuspended when hasHead && head.Kind == PendingKind.Execute:
                return Suspended(ref head);
            case ServerMessage.EmptyQueryResponse when hasHead && head.Kind == PendingKind.Execute:
                _queryPlan = null;
                return Answered(ref head);
            case ServerMessage.EmptyQueryResponse when hasHead && head.Kind == PendingKind.Query:
            case ServerMessage.FunctionCallResponse when hasHead && head.Kind == PendingKind.FunctionCall:
                return Reply.Pass;
            case ServerMessage.CopyOutResponse when hasHead && head.Kind is PendingKind.Query or PendingKind.Execute:
                return CopyOut(ref head, body);
            case ServerMessage.CopyDone:
                return CopyDone();
            case ServerMessage.CopyInResponse when hasHead && head.Kind is PendingKind.Query or PendingKind.Execute:
                _state.IsCopyIn = true;
                _isCopyOfExecute = head.Kind == PendingKind.Execute;
                return Reply.Pass;
            case ServerMessage.ErrorResponse:
                return Failed(ref head, hasHead, body);
            case ServerMessage.NoticeResponse:
                return _judge.Guard is { } guard ? Masked(type, body, MayQuote(ref head, guard)) : Reply.Pass;
            case ServerMessage.NotificationResponse:
                return _judge.Guard is null ? Reply.Pass : Notified(body);
            case ServerMessage.ParameterStatus:
                return Parameter(body);
            default:
                return Unexpected(type);
        }
    }

    /// <summary>Pops the head; its reply is the client's unless the gateway asked.</summary>
    private Reply Answered(ref Pending head)
    {
        var isInjected = head.IsInjected;
        _state.Pending.Pop();
        return isInjected ? Reply.Written : Reply.Pass;
    }

    private Reply Ready(ReadOnlySpan<byte> body)
    {
        if (body.Length != 1)
            return Ended("a ReadyForQuery of the wrong length");
        _state.IsCopyIn = false;
        _isCopyOfExecute = false;
        _queryPlan = null;
        _statement = 0;
        // What the client sent since the error is skipped too, a Query included.
        DiscardSkipped();
        // Before the queue is empty: the other pump then takes this status for the one after all that was sent.
        _state.TransactionStatus = body[0];
        var isInjected = false;
        while (true)
        {
            ref var head = ref _state.Pending.Peek();
            if (Unsafe.IsNullRef(ref head))
                return Ended("a ReadyForQuery that nothing asked for");
            var kind = head.Kind;
            isInjected = head.IsInjected;
            NoteChange(ref head);
            var isLast = kind is PendingKind.Query or PendingKind.Sync or PendingKind.FunctionCall;
            if (!isLast)
                Skipped(ref head);
            else
                Concludes(body[0]);
            _state.Pending.Pop();
            if (isLast)
                break;
        }
        _state.IsSkipping = false;
        return isInjected ? Reply.Written : Reply.Pass;
    }

    // Nobody else sees a change before the transaction ends, so it counts again then; before the queue is empty, as the status.
    private void Concludes(byte status)
    {
        _state.Services.Catalogues.Mark(_state.Resource, _change);
        if (status == (byte)'I')
            _change = CatalogueChange.None;
    }

    private void NoteChange(ref Pending head)
    {
        if (head.Change > _change)
            _change = head.Change;
    }

    private Reply Complete(ReadOnlySpan<byte> body)
    {
        ref var head = ref _state.Pending.Peek();
        if (Unsafe.IsNullRef(ref head) || head.Kind is not (PendingKind.Query or PendingKind.Execute))
            return Unexpected(ServerMessage.CommandComplete);
        if (body.StartsWith("DEALLOCATE"u8) || body.StartsWith("DISCARD ALL"u8))
            Deallocated(head.Facts, body);
        _queryPlan = null;
        _state.IsCopyIn = false;
        if (head.Kind == PendingKind.Query)
        {
            _statement++;
            return Reply.Pass;
        }
        var wasCopy = _isCopyOfExecute;
        _isCopyOfExecute = false;
        NoteChange(ref head);
        if (head.Names is { } names)
        {
            names.Complete();
            return Answered(ref head);
        }
        _state.Pending.Pop();
        if (wasCopy)
            PopToCopyEnd();
        return Reply.Pass;
    }

    /// <summary>While COPY data was read, the server ignored every Sync that came before CopyDone or CopyFail.</summary>
    private void PopToCopyEnd()
    {
        while (true)
        {
            ref var head = ref _state.Pending.Peek();
            if (Unsafe.IsNullRef(ref head))
                return;
            var kind = head.Kind;
            _state.Pending.Pop();
            if (kind == PendingKind.CopyEnd)
                return;
        }
    }

    private void Deallocated(SqlFacts? facts, ReadOnlySpan<byte> tag)
    {
        // Of several statements, one behind this may have defined the name anew.
        if (facts is not { Statements.Length: 1 })
            return;
        if (tag.StartsWith("DEALLOCATE ALL"u8) || tag.StartsWith("DISCARD ALL"u8))
            _state.Deallocated.Post(null);
        else if (facts.Statements[0] is { Kind: StatementKind.Deallocate, Name: { } name })
            _state.Deallocated.Post(name);
    }

    private Reply Described(ref Pending head, ReadOnlySpan<byte> body)
    {
        if (head.Kind is not (PendingKind.Query or PendingKind.DescribePortal or PendingKind.DescribeStatement))
            return Unexpected(ServerMessage.RowDescription);
        var guard = head.Guard;
        if (guard is null && !head.IsInjected)
        {
            if (head.Kind != PendingKind.Query)
                _state.Pending.Pop();
            return Reply.Pass;
        }
        if (head.Kind == PendingKind.Query)
        {
            if (!TryPlan(ref _lastQuery, guard!, head.Facts, head.Touches, body, null))
                return Ended("a RowDescription that cannot be read");
            _queryPlan = _lastQuery!.Plan;
            return Reply.Pass;
        }
        if (guard is not null && head.Shape is { } shape && head.Statement is { } described && !SqlNames.RunsByName(described.Facts))
        {
            var rows = shape.Rows;
            var touches = guard.Inspect(described.Facts, out _) != MaskTouch.Untouched;
            if (!TryPlan(ref rows, guard, described.Facts, touches, body, described))
                return Ended("a RowDescription that cannot be read");
            shape.Rows = rows;
        }
        else if (!RowDescriptionView.TryRead(body, out var fields))
        {
            return Ended("a RowDescription that cannot be read");
        }
        else if (head.Statement is { } statement)
        {
            statement.Fields = fields;
        }
        return Answered(ref head);
    }

    /// <summary>Plans the rows of a description anew, unless <paramref name="known"/> is of the same. False when it cannot be read.</summary>
    private bool TryPlan(ref PlannedRows? known, MaskGuard guard, SqlFacts? facts, bool touches, ReadOnlySpan<byte> description,
        PreparedStatement? described)
    {
        if (known?.IsOf(guard, facts, touches, description) != true)
        {
            if (!RowDescriptionView.TryRead(description, out var fields))
                return false;
            if (described is not null)
                described.Fields = fields;
            known = new PlannedRows(guard, facts, touches, description.ToArray(), guard.Plan(fields, facts, touches));
        }
        Planned(known.Plan);
        return true;
    }

    private Reply ParametersDescribed(ref Pending head, ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        if (!reader.TryInt16(out var count) || reader.Remaining != (ushort)count * 4)
            return Ended("a ParameterDescription that cannot be read");
        if (head.Statement is { ParameterTypes: null } statement)
        {
            var types = new uint[(ushort)count];
            for (var i = 0; i < types.Length && reader.TryInt32(out var type); i++)
                types[i] = (uint)type;
            statement.ParameterTypes = types;
        }
        return head.IsInjected ? Reply.Written : Reply.Pass;
    }

    private Reply Failed(ref Pending head, bool hasHead, ReadOnlySpan<byte> body)
    {
        var view = new DiagnosticView(body);
        _state.IsCopyIn = false;
        _queryPlan = null;
        _copy?.End();
        if (!hasHead || !view.Severity.SequenceEqual("ERROR"u8))
            return _judge.Guard is { } idle ? Masked(ServerMessage.ErrorResponse, body, MayQuote(ref head, idle)) : Reply.Pass;
        var mayQuote = _judge.Guard is { } guard && MayQuote(ref head, guard);
        var poison = head.Poison;
        var isSwallowed = head.Names is { HasOwnSync: true };
        // Only the error that the replacement itself causes is ours to replace.
        var isOurs = poison is not null && (view.SqlState.SequenceEqual("42601"u8) || view.SqlState.SequenceEqual("26000"u8));
        var instead = isOurs ? poison : Overdrawn(ref head);
        if (head.Kind is not (PendingKind.Query or PendingKind.FunctionCall or PendingKind.Sync))
        {
            var wasCopy = _isCopyOfExecute && head.Kind == PendingKind.Execute;
            _isCopyOfExecute = false;
            Skipped(ref head);
            _state.Pending.Pop();
            if (wasCopy)
                DropIgnoredSyncs();
            _state.IsSkipping = true;
            DiscardSkipped();
        }
        if (isSwallowed)
            return Reply.Written;
        if (instead is not null)
        {
            MessageWriter.WriteDiagnostic(_answer, instead);
            return Reply.Written;
        }
        return _judge.Guard is null ? Reply.Pass : Masked(ServerMessage.ErrorResponse, body, mayQuote);
    }

    /// <summary>A Sync that stands directly behind a COPY which began was read as part of the COPY and ignored.</summary>
    private void DropIgnoredSyncs()
    {
        ref var next = ref _state.Pending.Peek();
        if (!Unsafe.IsNullRef(ref next) && next.Kind == PendingKind.Sync)
            _state.Pending.Pop();
    }

    /// <summary>After an error the server discards everything up to the next Sync; no reply will come for it.</summary>
    private void DiscardSkipped()
    {
        while (_state.IsSkipping)
        {
            ref var head = ref _state.Pending.Peek();
            if (Unsafe.IsNullRef(ref head) || head.Kind == PendingKind.Sync)
                return;
            Skipped(ref head);
            _state.Pending.Pop();
        }
    }

    private static void Skipped(ref Pending head)
    {
        if (head.Kind == PendingKind.Parse && head.Statement is { } statement)
            statement.State = StatementState.Failed;
        else if (head.Kind == PendingKind.Close && head.Statement is { } kept)
            kept.IsClosing = false;
    }

    /// <summary>Whether what fails reads values that a mask or a detector is to hide.</summary>
    private static bool MayQuote(ref Pending head, MaskGuard guard)
    {
        if (Unsafe.IsNullRef(ref head) || head.Kind is not (PendingKind.Query or PendingKind.Execute))
            return false;
        return head.Touches || (guard.Masks.Detectors != Detectors.None &&
                                head.Facts is { } facts && facts.Effects.Any(static e => e.Kind is EffectKind.Read or EffectKind.Write));
    }

    private Reply Masked(byte type, ReadOnlySpan<byte> body, bool readsValues) =>
        DiagnosticMasker.TryMask(type, body, _answer, readsValues) ? Reply.Written : Ended("an error or notice that cannot be read");

    /// <summary>A notification's payload may carry any value.</summary>
    private Reply Notified(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        if (!reader.TryInt32(out _) || !reader.TryCString(out var channel))
            return Ended("a notification that cannot be read");
        MessageWriter.Write(_answer, ServerMessage.NotificationResponse, [.. body[..(4 + channel.Length + 1)], 0]);
        return Reply.Written;
    }

    private Reply Parameter(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        if (!reader.TryCString(out var name) || !reader.TryCString(out var value))
            return Ended("a ParameterStatus that cannot be read");
        // What the gateway reads and what the server runs would part ways.
        if ((name.SequenceEqual("client_encoding"u8) && !StartupParameters.IsUtf8(Encoding.UTF8.GetString(value))) ||
            (name.SequenceEqual("standard_conforming_strings"u8) && !value.SequenceEqual("on"u8)))
        {
            _state.End(SessionEnd.ProtocolViolation, "a setting that changes how text is read was changed past the gateway",
                Diagnostic.Fatal(SqlState.InsufficientPrivilege, "client_encoding stays UTF8 and standard_conforming_strings stays on"));
            return Reply.End;
        }
        if (name.SequenceEqual("search_path"u8))
            _judge.Names.PathReported();
        // Any setting may be given any value, a masked one too; these are what drivers live by.
        return _judge.Guard is null || Reported.Contains(Encoding.UTF8.GetString(name)) ? Reply.Pass : Reply.Written;
    }

    private static readonly System.Collections.Frozen.FrozenSet<string> Reported = System.Collections.Frozen.FrozenSet.Create(
        StringComparer.Ordinal, "client_encoding", "DateStyle", "IntervalStyle", "TimeZone", "standard_conforming_strings", "integer_datetimes",
        "server_encoding", "server_version", "is_superuser", "in_hot_standby", "default_transaction_read_only");

    private Reply Unexpected(byte type) => Ended($"message type 0x{type:x2} where another was due");

    private Reply Ended(string what)
    {
        Broke(what);
        return Reply.End;
    }
}
