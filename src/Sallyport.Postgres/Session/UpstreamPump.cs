using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Core;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Reads the server's messages, follows what they answer, masks, records and forwards them: through an <see cref="AnswerWriter"/>, so that
/// nothing is forwarded that was not recorded.
/// </summary>
internal sealed partial class UpstreamPump
{
    private const int MaxInspected = 16 * 1024 * 1024;
    private const int LargestPart = 64 * 1024;

    private readonly SessionState _state;
    private readonly Judge _judge;
    private readonly RowMasker _rows;
    private readonly AnswerWriter _answer;
    private readonly int _maxWholeRow;

    // Made with the first row that is too long to be masked whole.
    private StreamingRow? _long;
    private int _longLeft;
    private long _passing;
    private bool _isInDoubt;

    public UpstreamPump(SessionState state, Judge judge)
    {
        _state = state;
        _judge = judge;
        _rows = new RowMasker(state.Services.Masker);
        _answer = new AnswerWriter(state.Client.Output, state.Session.Recorder);
        _maxWholeRow = state.Services.Options.MaxWholeRowBytes;
    }

    /// <summary>Part of a message has gone to the client: whatever is written now would be taken for the rest of it.</summary>
    public bool IsMidMessage => _passing > 0 || _longLeft > 0;

    private enum Reply : byte
    {
        /// <summary>Goes to the client as it is.</summary>
        Pass,

        /// <summary>What the client sees instead was written already; it may be nothing.</summary>
        Written,

        /// <summary>The server broke the protocol, or a row cannot be masked: the session is over.</summary>
        End,
    }

    /// <summary>Runs until the upstream closes, breaks the protocol, or the client is gone. Says so to the session's state.</summary>
    public async Task RunAsync()
    {
        try
        {
            var input = _state.Upstream.Input;
            var output = _state.Client.Output;
            while (true)
            {
                var result = await input.ReadAsync();
                if (_state.Ended.IsCompleted)
                    return;
                var rest = result.Buffer;
                var isOver = false;
                while (!isOver && Walk(ref rest, out isOver))
                {
                    if (_isInDoubt && !await RecordDoubtAsync())
                        return;
                    if (!_answer.TryEmit() && !await EmitSlowAsync())
                        return;
                    if (_copyStart is not null && !await PlanCopyAsync())
                        return;
                }
                input.AdvanceTo(rest.Start, result.Buffer.End);
                DiscardSkipped();
                _state.CompleteDrain();
                // Between two of the server's messages only: a message of ours inside one would break both.
                if (_passing == 0 && _longLeft == 0 && !await TellAsync())
                    return;
                _answer.LetGo();
                var flush = output.FlushAsync();
                if ((flush.IsCompletedSuccessfully ? flush.Result : await flush).IsCompleted)
                {
                    _state.End(SessionEnd.ClientLost, "the client closed its connection");
                    return;
                }
                if (isOver)
                    return;
                if (result.IsCompleted)
                {
                    _state.End(SessionEnd.UpstreamClosed, "the upstream closed the connection", SessionWords.UpstreamLost);
                    return;
                }
            }
        }
        catch (Exception e)
        {
            _state.Fail(e, SessionEnd.UpstreamLost);
        }
        finally
        {
            // Whatever the reason: with one pump gone nothing may go on.
            _state.End(SessionEnd.UpstreamLost);
        }
    }

    /// <summary>
    /// Takes messages from the front and writes what the client sees of them, until something must be awaited before the next. False when
    /// nothing could be taken.
    /// </summary>
    private bool Walk(ref ReadOnlySequence<byte> rest, out bool isOver)
    {
        var start = rest.Start;
        isOver = false;
        while (!isOver && _copyStart is null && !_isInDoubt && !_answer.IsAside && !rest.IsEmpty)
        {
            if (_passing > 0)
            {
                Pass(ref rest);
                continue;
            }
            if (_dropping > 0)
            {
                var taken = Math.Min(_dropping, rest.Length);
                _dropping -= taken;
                rest = rest.Slice(taken);
                continue;
            }
            if (_longLeft > 0)
            {
                isOver = !Stream(ref rest);
                continue;
            }
            if (_copyLeft > 0)
            {
                isOver = !MaskCopy(ref rest);
                continue;
            }
            if (!MessageFrame.TryReadHeader(rest, out var type, out var bodyLength))
                break;
            if (bodyLength < 0)
            {
                isOver = Broke($"a message of type 0x{type:x2} lies about its length");
                break;
            }
            var total = MessageFrame.HeaderLength + (long)bodyLength;
            var toll = Count(type, bodyLength, rest);
            if (toll == Toll.Waits)
                break;
            if (toll == Toll.Dropped)
            {
                _dropping = total;
                continue;
            }
            var passes = PassesUnread(type);
            if (_isInDoubt)
                break;
            if (passes)
            {
                _passing = CountsRows ? total : RunOf(type, rest.FirstSpan, total);
                _isCounted = false;
                continue;
            }
            if (type == ServerMessage.CopyData)
            {
                _copyLeft = bodyLength;
                rest = rest.Slice(MessageFrame.HeaderLength);
                continue;
            }
            if (rest.Length < total)
            {
                if (!TryBeginLong(type, bodyLength, ref rest, out isOver))
                    break;
                _isCounted = false;
                continue;
            }
            _isCounted = false;
            isOver = !Take(type, total, ref rest);
        }
        return _answer.HasWritten || _isInDoubt || !rest.Start.Equals(start);
    }

    /// <summary>Takes a message that is here whole. False when the session is over.</summary>
    private bool Take(byte type, long total, ref ReadOnlySequence<byte> rest)
    {
        var first = rest.FirstSpan;
        if (type == ServerMessage.DataRow && !CountsRows && TryRowPlan(out var plan) && plan is not null)
        {
            var taken = MaskRows(plan, first);
            rest = rest.Slice(taken);
            if (taken > 0)
                return true;
        }
        var message = first.Length >= total ? first[..(int)total] : rest.Slice(0, total).ToArray();
        var reply = Take(type, message);
        if (Swallows)
            reply = Swallow(type, reply);
        if (reply == Reply.Pass)
            _answer.Write(message);
        rest = rest.Slice(total);
        return reply != Reply.End;
    }

    /// <summary>Masks the rows that lie whole in one piece, and says how long they are. One that cannot be masked is left where it is.</summary>
    private int MaskRows(RowPlan plan, ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (bytes.Length - at >= MessageFrame.HeaderLength && bytes[at] == ServerMessage.DataRow && !_answer.IsAside)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(at + 1)..]);
            if (length < sizeof(int) || length >= bytes.Length - at)
                break;
            if (!_rows.TryMask(plan, bytes.Slice(at + MessageFrame.HeaderLength, length - sizeof(int)), _answer))
                break;
            at += length + 1;
        }
        return at;
    }

    /// <summary>How long the messages of one type are that begin in one piece, the first of which has a length that is known.</summary>
    private static long RunOf(byte type, ReadOnlySpan<byte> bytes, long first)
    {
        var run = first;
        while (run <= bytes.Length - MessageFrame.HeaderLength && bytes[(int)run] == type)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[((int)run + 1)..]);
            if (length < sizeof(int))
                break;
            run += length + 1L;
        }
        return run;
    }

    private void Pass(ref ReadOnlySequence<byte> rest)
    {
        var part = rest.FirstSpan;
        if (part.Length > _passing)
            part = part[..(int)_passing];
        _answer.Write(part);
        _passing -= part.Length;
        rest = rest.Slice(part.Length);
    }

    /// <summary>A message that is not whole yet. A row that is too long to be masked whole is begun; others are waited for, up to a limit.</summary>
    private bool TryBeginLong(byte type, int bodyLength, ref ReadOnlySequence<byte> rest, out bool isOver)
    {
        isOver = false;
        if (type == ServerMessage.DataRow && bodyLength > _maxWholeRow)
        {
            if (TryRowPlan(out var plan) && plan is not null)
            {
                _long ??= new StreamingRow(_state.Services.Masker);
                _long.Begin(plan, bodyLength, _answer);
                _longLeft = bodyLength;
                rest = rest.Slice(MessageFrame.HeaderLength);
                return true;
            }
            isOver = Broke("rows of no known shape");
            return false;
        }
        if (type != ServerMessage.DataRow && bodyLength > MaxInspected)
            isOver = Broke($"a message of type 0x{type:x2} of {bodyLength} bytes");
        return false;
    }

    /// <summary>Masks as much of a long row as is here; false when it cannot be masked.</summary>
    private bool Stream(ref ReadOnlySequence<byte> rest)
    {
        var part = rest.FirstSpan[..Math.Min(Math.Min(rest.FirstSpan.Length, _longLeft), LargestPart)];
        _longLeft -= part.Length;
        var outcome = _long!.Feed(part, _answer);
        rest = rest.Slice(part.Length);
        if (outcome == StreamOutcome.Refused || (outcome == StreamOutcome.Complete) != (_longLeft == 0))
        {
            _longLeft = 0;
            _state.End(SessionEnd.UpstreamLost, "a row is too large for its columns to be masked", SessionWords.RowTooLarge);
            return false;
        }
        return true;
    }

    /// <summary>Emits what was written as the recorder finds room for it. False when the session is over.</summary>
    private async ValueTask<bool> EmitSlowAsync()
    {
        do
        {
            await _state.Client.Output.FlushAsync();
            if (!await _state.Session.Recorder.WaitForRoomAsync(_state.Session.Killed))
            {
                _state.End(SessionEnd.RecorderFailed, "the recording cannot take the answer", SessionWords.RecorderFailed);
                return false;
            }
        }
        while (!_answer.TryEmit());
        return true;
    }

    /// <summary>Says in the recording that more was masked than should be: somebody may want to know why.</summary>
    private async ValueTask<bool> RecordDoubtAsync()
    {
        _isInDoubt = false;
        var payload = """{"event":"masked in doubt","why":"what the command shows of its columns and what the server says of them do not agree"}"""u8.ToArray();
        while (true)
        {
            var outcome = _state.Session.Recorder.TryAppend(RecordKind.Event, payload, [], out _);
            if (outcome == RecordOutcome.Taken)
                return true;
            if (outcome == RecordOutcome.Failed || !await _state.Session.Recorder.WaitForRoomAsync(_state.Session.Killed))
            {
                _state.End(SessionEnd.RecorderFailed, "the recording cannot take the answer", SessionWords.RecorderFailed);
                return false;
            }
        }
    }

    /// <summary>Sends what the client's pump has to say.</summary>
    private async ValueTask<bool> TellAsync()
    {
        while (_state.Outbox.TryTake(out var message))
        {
            _answer.Write(message);
            if (!_answer.TryEmit() && !await EmitSlowAsync())
                return false;
        }
        return true;
    }

    /// <summary>Gives the buffers back.</summary>
    public void Release()
    {
        _answer.Release();
        _long?.Release();
        _copy?.End();
    }

    private bool Broke(string what)
    {
        _state.End(SessionEnd.UpstreamLost, "the upstream broke the protocol: " + what, SessionWords.UpstreamBroke);
        return true;
    }
}
