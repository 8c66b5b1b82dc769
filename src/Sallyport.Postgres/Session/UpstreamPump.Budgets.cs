using System.Buffers;
using System.Runtime.CompilerServices;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <content>
/// Rows as budgets count them. A command that went too far loses the rest of its answer and ends in an error: the server's own if it
/// stopped or had failed, else one that the client's pump has the server make, so that the transaction's status stays the server's.
/// </content>
internal sealed partial class UpstreamPump
{
    private Overdraft? _overdraft;
    private long _dropping;
    private bool _isCounted;

    private bool Swallows => _overdraft is { Swallows: true };

    /// <summary>Each row is looked at by itself.</summary>
    private bool CountsRows => _judge.Meter is not null || _overdraft is not null;

    /// <summary>Whether a row may go to the client; counts it once, however often its beginning is looked at.</summary>
    private Toll Count(byte type, int bodyLength, in ReadOnlySequence<byte> rest)
    {
        if (!CountsRows || type is not (ServerMessage.DataRow or ServerMessage.CopyData) || _isCounted)
            return Toll.Passes;
        if (Swallows)
            return Toll.Dropped;
        ref var head = ref _state.Pending.Peek();
        if (Unsafe.IsNullRef(ref head) || head.Meter is not { } meter)
            return Toll.Passes;
        if (type == ServerMessage.CopyData && bodyLength == 2)
        {
            if (rest.Length < MessageFrame.HeaderLength + 2)
                return Toll.Waits;
            // The end of a binary COPY is no row; in text, these two bytes never are one.
            Span<byte> two = stackalloc byte[2];
            rest.Slice(MessageFrame.HeaderLength, 2).CopyTo(two);
            if (two.IndexOfAnyExcept((byte)0xff) < 0)
                return Toll.Passes;
        }
        if (meter.Read() is not { } spent)
        {
            _isCounted = true;
            return Toll.Passes;
        }
        _overdraft = new Overdraft(spent, 0) { Swallows = true, Cancelling = _state.CancelUpstreamAsync() };
        return Toll.Dropped;
    }

    /// <summary>What becomes of a reply while the rest of an answer is swallowed.</summary>
    private Reply Swallow(byte type, Reply reply)
    {
        if (reply != Reply.Pass)
            return reply;
        return type switch
        {
            ServerMessage.RowDescription or ServerMessage.CommandComplete or ServerMessage.EmptyQueryResponse or ServerMessage.CopyOutResponse
                or ServerMessage.CopyDone => Reply.Written,
            // The client, which was told nothing, will send no data, and the server waits for them.
            ServerMessage.CopyInResponse => Ended("a call for COPY data behind a command that went past a budget"),
            _ => reply,
        };
    }

    private Reply Concluded(ReadOnlySpan<byte> body)
    {
        ref var head = ref _state.Pending.Peek();
        if (Unsafe.IsNullRef(ref head) || head.Meter is not { } meter)
            return Complete(body);
        var isUndoable = IsUndoable(ref head);
        var rows = Charge.Written(body, head.Facts);
        // What is undone for another reason counts for nothing.
        if (rows > 0 && !(Swallows && isUndoable) && meter.Wrote(rows) is { } spent)
        {
            _overdraft ??= new Overdraft(spent, rows) { Swallows = isUndoable };
            if (isUndoable)
                meter.Undo(rows);
        }
        return head.Kind == PendingKind.Execute && HandOver(PendingKind.Bind) ? Kept(Complete(body)) : Complete(body);
    }

    private Reply Suspended(ref Pending head)
    {
        _queryPlan = null;
        // All rows are written already, and how many, only the end of the answer would tell.
        if (head.Meter is { } meter && Charge.Changes(head.Facts) && meter.Uncountable() is { } spent)
            _overdraft ??= new Overdraft(spent, -1) { Swallows = true };
        return HandOver(PendingKind.Bind) ? Kept(Answered(ref head)) : Answered(ref head);
    }

    /// <summary>The end of a Query that went past a budget: in an open transaction the server has yet to be made to fail it.</summary>
    private Reply ReadyOverdrawn(ReadOnlySpan<byte> body, ReadOnlySpan<byte> message)
    {
        var overdraft = _overdraft!;
        if (!overdraft.IsTold && body is [(byte)'T'])
        {
            HandOver(PendingKind.Query);
            return Kept(Ready(body));
        }
        // No transaction that was open ends without a word for it; what it wrote would not be undone.
        if (overdraft is { Swallows: true, IsTold: false, Rows: not 0 })
            return Ended("the end of a transaction that nothing ended");
        if (overdraft is { Swallows: true, IsTold: false })
            MessageWriter.WriteDiagnostic(_answer, _judge.Words(overdraft, stands: Charge.Changes(_state.Pending.Peek().Facts)));
        HandOver(null);
        return Ready(body);
    }

    /// <summary>What the client is told in place of the server's error, when the command was over for it already; else null.</summary>
    private Diagnostic? Overdrawn(ref Pending head)
    {
        if (_overdraft is not { Swallows: true } overdraft)
            return null;
        var words = overdraft.IsTold ? null : _judge.Words(overdraft, stands: false);
        overdraft.IsTold = true;
        if (head.Kind == PendingKind.Execute)
            HandOver(null);
        return words;
    }

    /// <summary>
    /// Gives what went past a budget to the client's pump. Before the command leaves the queue: the client's pump waits for that.
    /// </summary>
    private bool HandOver(PendingKind? poison)
    {
        if (_overdraft is not { } overdraft)
            return false;
        overdraft.Poison = poison;
        _overdraft = null;
        _state.Hand(overdraft);
        return true;
    }

    private static Reply Kept(Reply reply) => reply == Reply.Pass ? Reply.Written : reply;

    /// <summary>
    /// Whether the server can still be kept from committing it: an Execute commits with the Sync behind it, which waits; a Query in an
    /// open transaction with a COMMIT that is not in it.
    /// </summary>
    private bool IsUndoable(ref Pending head)
    {
        if (head.Kind == PendingKind.Execute)
            return true;
        return _state.TransactionStatus == 'T' && head.Facts?.Statements.Any(static s => s.Kind == StatementKind.Transaction) == false;
    }

    private enum Toll : byte
    {
        Passes,

        /// <summary>The client does not get it.</summary>
        Dropped,

        /// <summary>More of it must come before that can be told.</summary>
        Waits,
    }
}
