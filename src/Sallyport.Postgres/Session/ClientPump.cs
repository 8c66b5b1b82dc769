using System.Buffers;
using System.Text.Json;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Reads the client's messages, judges each and sends upstream what may pass. Two tiers: a message that is allowed and needs no
/// waiting is handled where it lies in the pipe, with nothing copied but into the upstream's pipe and the ring; every other one is
/// copied out and handled by the slow tier, which may wait for replies, the catalogue, the disk or a person.
/// </summary>
internal sealed partial class ClientPump
{
    // The server's own limit, PQ_LARGE_MESSAGE_LIMIT: a longer one is a lie or an attack.
    private const int MaxLegalLength = 0x3fffffff;

    private readonly SessionState _state;
    private readonly Judge _judge;
    private readonly CommandJournal _journal;
    private readonly SqlGate _gate;
    private readonly SqlNames _names;
    private readonly int _maxMessage;
    private long _copyRemaining;
    private int _copiesLeft;
    private bool _copyEndSent;
    private bool _isSyncInCopy;
    private bool _mayCopy;
    private bool _isCopyByExecute;

    public ClientPump(SessionState state, Judge judge)
    {
        _state = state;
        _judge = judge;
        _journal = new CommandJournal(state.Session.Recorder);
        _gate = new SqlGate(state, judge, _journal, this);
        _names = new SqlNames(state.Deallocated, judge.Names);
        _maxMessage = state.Services.Options.MaxMessageBytes;
    }

    /// <summary>What became of a message.</summary>
    private enum Step : byte
    {
        Done,

        /// <summary>The slow tier must take it.</summary>
        Slow,

        /// <summary>The session is over.</summary>
        End,
    }

    /// <summary>Runs until the client leaves, breaks the protocol, or the session ends otherwise. Says so to the session's state.</summary>
    public async Task RunAsync()
    {
        try
        {
            var input = _state.Client.Input;
            while (true)
            {
                var result = await input.ReadAsync();
                if (_state.Ended.IsCompleted)
                    return;
                var rest = result.Buffer;
                var (step, slow) = Walk(ref rest);
                var isWaiting = step == Step.Done;
                input.AdvanceTo(rest.Start, isWaiting ? result.Buffer.End : rest.Start);
                if (step == Step.Slow)
                {
                    _state.IsJudging = true;
                    if (!await HandleSlowAsync(slow!))
                        return;
                }
                if (step == Step.End)
                {
                    // Terminate too must reach the server, or it would be waited for.
                    await _state.Upstream.Output.FlushAsync();
                    return;
                }
                var flush = _state.Upstream.Output.FlushAsync();
                if ((flush.IsCompletedSuccessfully ? flush.Result : await flush).IsCompleted)
                    return;
                if (step == Step.Slow)
                    PassCancelOn();
                if (_isUnsettled && !await SettleAsync())
                    return;
                if (result.IsCompleted && isWaiting)
                {
                    _state.End(rest.IsEmpty ? SessionEnd.ClientLost : SessionEnd.ProtocolViolation, "the client closed without Terminate");
                    return;
                }
            }
        }
        catch (Exception e)
        {
            _state.Fail(e, SessionEnd.ClientLost);
        }
        finally
        {
            // Whatever the reason: with one pump gone nothing may go on.
            _state.End(SessionEnd.ClientLost);
        }
    }

    /// <summary>The judged command is on its way; a cancel that was asked for meanwhile follows it.</summary>
    private void PassCancelOn()
    {
        _state.IsJudging = false;
        _state.PassCancelOn();
    }

    private (Step, SlowMessage?) Walk(ref ReadOnlySequence<byte> rest)
    {
        while (true)
        {
            if (_copyRemaining > 0)
            {
                if (rest.IsEmpty)
                    return (Step.Done, null);
                var chunk = rest.Slice(0, Math.Min(rest.Length, _copyRemaining));
                if (!TryRecordInput(chunk))
                    return (Step.Slow, SlowMessage.WaitForRoom);
                Forward(chunk);
                _copyRemaining -= chunk.Length;
                rest = rest.Slice(chunk.Length);
                continue;
            }
            if (!MessageFrame.TryReadHeader(rest, out var type, out var length))
                return (Step.Done, null);
            if (Violation(type, length) is { } violation)
                return (Break(violation), null);
            var isInCopy = _state.IsCopyIn && !_copyEndSent;
            if (!isInCopy && (_state.Pending.IsCrowded || WaitsForCopy(type)))
                return (Step.Slow, SlowMessage.LetServerAnswer);
            if (type != ClientMessage.CopyData && length > _maxMessage)
                return (Break($"a message of {length} bytes, of which the gateway takes {_maxMessage} at most", SqlState.ProgramLimitExceeded), null);
            if (type == ClientMessage.CopyData)
            {
                _copyRemaining = MessageFrame.HeaderLength + length;
                continue;
            }
            if (rest.Length < MessageFrame.HeaderLength + (long)length)
                return (Step.Done, null);
            var message = rest.Slice(0, MessageFrame.HeaderLength + length);
            var step = Handle(type, message);
            if (step == Step.Slow)
            {
                var slow = new SlowMessage(type, message.Slice(MessageFrame.HeaderLength).ToArray());
                rest = rest.Slice(message.End);
                return (Step.Slow, slow);
            }
            rest = rest.Slice(message.End);
            if (step == Step.End)
                return (Step.End, null);
        }
    }

    /// <summary>The fast tier. Answers Slow without having changed anything.</summary>
    private Step Handle(byte type, in ReadOnlySequence<byte> message)
    {
        if (!message.IsSingleSegment)
            return Step.Slow;
        var whole = message.FirstSpan;
        var body = whole[MessageFrame.HeaderLength..];
        switch (type)
        {
            case ClientMessage.Query:
                return Query(whole, body);
            case ClientMessage.Parse:
                return Parse(whole, body);
            case ClientMessage.Bind:
                return Bind(whole, body);
            case ClientMessage.Execute:
                return Execute(whole, body);
            case ClientMessage.Describe:
                return Describe(whole, body);
            case ClientMessage.Close:
                return Close(whole, body);
            case ClientMessage.Sync:
                return Sync(whole);
            case ClientMessage.Flush:
                Forward(whole);
                return Step.Done;
            case ClientMessage.CopyDone or ClientMessage.CopyFail:
                return CopyEnd(whole);
            case ClientMessage.Terminate:
                Forward(whole);
                _state.End(SessionEnd.ClientClosed);
                return Step.End;
            default:
                return Step.Slow;
        }
    }

    /// <summary>What is wrong with a message of this type and length here, or null.</summary>
    private string? Violation(byte type, int length)
    {
        if (length is < 0 or > MaxLegalLength)
            return "invalid message length";
        switch (type)
        {
            case ClientMessage.Sync or ClientMessage.Flush or ClientMessage.Terminate or ClientMessage.CopyDone when length != 0:
                return "invalid message length";
            case ClientMessage.CopyData or ClientMessage.CopyDone or ClientMessage.CopyFail:
                return _mayCopy ? null : "COPY data outside COPY";
            case ClientMessage.Sync when _state.IsCopyIn && !_copyEndSent && (_isSyncInCopy || !_isCopyByExecute):
                return "a Sync inside COPY FROM STDIN";
            case ClientMessage.Sync or ClientMessage.Flush or ClientMessage.Terminate:
                return null;
            case ClientMessage.Query or ClientMessage.Parse or ClientMessage.Bind or ClientMessage.Execute or ClientMessage.Describe or ClientMessage.Close
                or ClientMessage.FunctionCall:
                if (_state.IsCopyIn && !_copyEndSent)
                    return "a command inside COPY FROM STDIN";
                return null;
            default:
                return $"message type 0x{type:x2} where a command was due";
        }
    }

    /// <summary>
    /// What the server would read as part of a COPY that is about to begin waits until it has begun or failed. One Sync behind the
    /// Execute may be sent at once: it is known to be ignored.
    /// </summary>
    private bool WaitsForCopy(byte type)
    {
        if (!_mayCopy || _copyEndSent || _state.Pending.IsEmpty)
            return false;
        return type switch
        {
            ClientMessage.CopyData or ClientMessage.CopyDone or ClientMessage.CopyFail or ClientMessage.Flush or ClientMessage.Terminate => false,
            ClientMessage.Sync => _isSyncInCopy || !_isCopyByExecute,
            _ => true,
        };
    }

    private Step Break(string violation, string state = SqlState.ProtocolViolation)
    {
        var record = new ViolationEvent("protocol_violation", "client", violation);
        _journal.TryEvent(RecordKind.Event, JsonSerializer.SerializeToUtf8Bytes(record, SessionJson.Default.ViolationEvent), out _);
        _state.End(SessionEnd.ProtocolViolation, violation, Diagnostic.Fatal(state, violation));
        return Step.End;
    }

    private Step Sync(ReadOnlySpan<byte> whole)
    {
        Forward(whole);
        _state.Pending.Push(new Pending { Kind = PendingKind.Sync });
        EndImplicit();
        _segment++;
        _isSyncInCopy = _mayCopy && !_copyEndSent;
        return Step.Done;
    }

    private Step CopyEnd(ReadOnlySpan<byte> whole)
    {
        if (_isCopyCounted && _copiesLeft <= 1)
            return Step.Slow;
        if (_state.Session.Recorder.TryAppend(RecordKind.Input, whole, [], out _) != RecordOutcome.Taken)
            return Step.Slow;
        Forward(whole);
        _copyEndSent = --_copiesLeft <= 0;
        if (_isCopyByExecute)
            _state.Pending.Push(new Pending { Kind = PendingKind.CopyEnd });
        return Step.Done;
    }

    private bool TryRecordInput(in ReadOnlySequence<byte> chunk)
    {
        foreach (var part in chunk)
        {
            if (_state.Session.Recorder.TryAppend(RecordKind.Input, part.Span, [], out _) != RecordOutcome.Taken)
                return false;
        }
        return true;
    }

    private void Forward(ReadOnlySpan<byte> message) => _state.Upstream.Output.Write(message);

    private void Forward(in ReadOnlySequence<byte> message)
    {
        foreach (var part in message)
            _state.Upstream.Output.Write(part.Span);
    }

    /// <summary>A client may have sent its COPY data before it heard that the COPY was refused; the server ignores them then.</summary>
    private void RefusedCopy(bool isCopy)
    {
        _mayCopy |= isCopy;
        // No COPY begins; the one before may not have been answered yet, but its end was sent.
        _copyEndSent = true;
        _isCopyByExecute = false;
        _isSyncInCopy = false;
        _copiesLeft = 0;
    }

    private static bool HasCopy(SqlFacts facts)
    {
        foreach (var statement in facts.Statements)
        {
            if (statement.Kind == StatementKind.CopyIn)
                return true;
        }
        return false;
    }

    /// <summary>When all that was sent is over, and no transaction is open.</summary>
    private void EndOwnChanges()
    {
        if (_judge.HasOwnChanges && _state.Pending.IsEmpty && _state.TransactionStatus == (byte)'I')
            _judge.EndOwnChanges();
    }

    // What the server began by itself ends here, and what failed in it takes everything back.
    private void EndImplicit()
    {
        if (_state.TransactionStatus == (byte)'I')
            _judge.Names.EndImplicit();
    }

    /// <summary>Notes a Query that was just written upstream.</summary>
    private void PushQuery(SqlFacts facts, bool touches)
    {
        EndImplicit();
        // First: whether a COPY that begins is counted, its end must know.
        var meter = Counted(facts);
        var change = Sent(facts, byExecute: false);
        _state.Pending.Push(new Pending
        {
            Kind = PendingKind.Query,
            Guard = _judge.Guard,
            Facts = facts,
            Touches = touches,
            Change = change,
            Meter = meter,
        });
    }

    /// <summary>
    /// Notes what a command that is being sent upstream means for the messages after it. What it does to the catalogue, the upstream's
    /// pump says again when the server has done it.
    /// </summary>
    private CatalogueChange Sent(SqlFacts facts, bool byExecute)
    {
        _names.Follow(facts);
        var change = _judge.Follow(facts);
        _state.Services.Catalogues.Mark(_state.Resource, change);
        var copies = 0;
        foreach (var statement in facts.Statements)
            copies += statement.Kind == StatementKind.CopyIn ? 1 : 0;
        if (_mayCopy || copies > 0)
        {
            _mayCopy = copies > 0;
            _copiesLeft = copies;
            // The end of the COPY before was sent, though the server may not have answered it yet.
            _copyEndSent = copies == 0;
            _isSyncInCopy = false;
            _isCopyByExecute = byExecute && copies > 0;
            _isCopyCounted = _isUnsettled && copies > 0;
        }
        return change;
    }
}

/// <summary>A message copied out of the pipe for the slow tier, or a wait alone.</summary>
internal sealed record SlowMessage(byte Type, byte[] Body)
{
    /// <summary>The ring is full: wait, then walk on.</summary>
    public static readonly SlowMessage WaitForRoom = new(0, []);

    /// <summary>Too many replies are due: make the server flush and wait for them.</summary>
    public static readonly SlowMessage LetServerAnswer = new(1, []);
}
