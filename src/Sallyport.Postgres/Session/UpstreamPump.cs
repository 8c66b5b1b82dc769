using System.Buffers;
using Sallyport.Core;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Reads the server's messages, follows what they answer, masks, records and forwards them. Runs of messages that pass as they are go
/// out in one piece; a masked one goes through a buffer of the pump's own. Nothing is forwarded that was not recorded.
/// </summary>
internal sealed partial class UpstreamPump
{
    private const int MaxInspected = 16 * 1024 * 1024;
    private const int FlushAt = 64 * 1024;

    private readonly SessionState _state;
    private readonly Judge _judge;
    private readonly RowMasker _rows;
    private readonly ArrayBufferWriter<byte> _scratch = new();
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
        _maxWholeRow = state.Services.Options.MaxWholeRowBytes;
    }

    /// <summary>Part of a message has gone to the client: whatever is written now would be taken for the rest of it.</summary>
    public bool IsMidMessage => _passing > 0 || _longLeft > 0;

    private enum Reply : byte
    {
        /// <summary>Goes to the client as it is.</summary>
        Pass,

        /// <summary>What the client sees instead was written to the scratch buffer; it may be nothing.</summary>
        Written,

        /// <summary>The server broke the protocol, or a row cannot be masked: the session is over.</summary>
        End,
    }

    /// <summary>Runs until the upstream closes, breaks the protocol, or the client is gone. Says so to the session's state.</summary>
    public async Task RunAsync()
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
            while (!isOver && Walk(ref rest, out var passed, out isOver))
            {
                if (_isInDoubt && !await RecordDoubtAsync())
                    return;
                foreach (var part in passed)
                {
                    if (!TryEmit(part.Span) && !await EmitSlowAsync(part))
                        return;
                }
                if (_scratch.WrittenCount > 0 && !TryEmit(_scratch.WrittenSpan) && !await EmitSlowAsync(_scratch.WrittenMemory))
                    return;
                _scratch.ResetWrittenCount();
                if (_copyStart is not null && !await PlanCopyAsync())
                    return;
            }
            input.AdvanceTo(rest.Start, result.Buffer.End);
            DiscardSkipped();
            _state.CompleteDrain();
            // Between two of the server's messages only: a message of ours inside one would break both.
            if (_passing == 0 && _longLeft == 0 && !await TellAsync())
                return;
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

    /// <summary>
    /// Takes messages from the front: first a run that passes as it is, then what was written to the scratch buffer. False when
    /// nothing could be taken.
    /// </summary>
    private bool Walk(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> passed, out bool isOver)
    {
        var all = rest;
        var passedEnd = rest.Start;
        var hasWritten = false;
        isOver = false;
        while (!isOver && _copyStart is null && _scratch.WrittenCount < FlushAt && !rest.IsEmpty)
        {
            if (_passing > 0)
            {
                var taken = Math.Min(_passing, rest.Length);
                _passing -= taken;
                rest = rest.Slice(taken);
                passedEnd = rest.Start;
                continue;
            }
            if (_dropping > 0)
            {
                hasWritten = true;
                var taken = Math.Min(_dropping, rest.Length);
                _dropping -= taken;
                rest = rest.Slice(taken);
                continue;
            }
            if (_longLeft > 0)
            {
                hasWritten = true;
                isOver = !Stream(ref rest);
                continue;
            }
            if (_copyLeft > 0)
            {
                hasWritten = true;
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
            if (PassesUnread(type))
            {
                if (hasWritten)
                    break;
                _passing = total;
                _isCounted = false;
                continue;
            }
            if (type == ServerMessage.CopyData)
            {
                _copyLeft = bodyLength;
                rest = rest.Slice(MessageFrame.HeaderLength);
                hasWritten = true;
                continue;
            }
            if (rest.Length < total)
            {
                if (!TryBeginLong(type, bodyLength, ref rest, ref hasWritten, out isOver))
                    break;
                _isCounted = false;
                continue;
            }
            var message = rest.Slice(0, total);
            _isCounted = false;
            var reply = Take(type, message);
            if (Swallows)
                reply = Swallow(type, reply);
            rest = rest.Slice(total);
            isOver = reply == Reply.End;
            if (reply == Reply.Written)
                hasWritten = true;
            else if (reply == Reply.Pass && hasWritten)
                CopyToScratch(message);
            else if (reply == Reply.Pass)
                passedEnd = rest.Start;
        }
        passed = all.Slice(all.Start, passedEnd);
        return !passed.IsEmpty || _scratch.WrittenCount > 0 || !rest.Start.Equals(all.Start);
    }

    /// <summary>A message that is not whole yet. A row that is too long to be masked whole is begun; others are waited for, up to a limit.</summary>
    private bool TryBeginLong(byte type, int bodyLength, ref ReadOnlySequence<byte> rest, ref bool hasWritten, out bool isOver)
    {
        isOver = false;
        if (type == ServerMessage.DataRow && bodyLength > _maxWholeRow)
        {
            if (TryRowPlan(out var plan) && plan is not null)
            {
                _long ??= new StreamingRow(_state.Services.Masker);
                _long.Begin(plan, bodyLength, _scratch);
                _longLeft = bodyLength;
                rest = rest.Slice(MessageFrame.HeaderLength);
                hasWritten = true;
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
        var part = rest.FirstSpan[..Math.Min(Math.Min(rest.FirstSpan.Length, _longLeft), FlushAt)];
        _longLeft -= part.Length;
        var outcome = _long!.Feed(part, _scratch);
        rest = rest.Slice(part.Length);
        if (outcome == StreamOutcome.Refused || (outcome == StreamOutcome.Complete) != (_longLeft == 0))
        {
            _longLeft = 0;
            _state.End(SessionEnd.UpstreamLost, "a row is too large for its columns to be masked", SessionWords.RowTooLarge);
            return false;
        }
        return true;
    }

    private void CopyToScratch(in ReadOnlySequence<byte> message)
    {
        foreach (var part in message)
            _scratch.Write(part.Span);
    }

    /// <summary>Records bytes and gives them to the client's pipe. False, with nothing done, when the ring is full.</summary>
    private bool TryEmit(ReadOnlySpan<byte> bytes)
    {
        if (_state.Session.Recorder.TryAppend(RecordKind.Answer, bytes, [], out _) != RecordOutcome.Taken)
            return false;
        _state.Client.Output.Write(bytes);
        return true;
    }

    private async ValueTask<bool> EmitSlowAsync(ReadOnlyMemory<byte> bytes)
    {
        // Piecewise, so that one that is larger than the ring's room can pass at all.
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, 16 * 1024)];
            if (TryEmit(part.Span))
            {
                bytes = bytes[part.Length..];
                continue;
            }
            await _state.Client.Output.FlushAsync();
            if (!await _state.Session.Recorder.WaitForRoomAsync(_state.Session.Killed))
            {
                _state.End(SessionEnd.RecorderFailed, "the recording cannot take the answer", SessionWords.RecorderFailed);
                return false;
            }
        }
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
            if (!TryEmit(message) && !await EmitSlowAsync(message))
                return false;
        }
        return true;
    }

    /// <summary>Gives the row buffers back.</summary>
    public void Release()
    {
        _rows.Release();
        _long?.Release();
        _copy?.End();
    }

    private bool Broke(string what)
    {
        _state.End(SessionEnd.UpstreamLost, "the upstream broke the protocol: " + what, SessionWords.UpstreamBroke);
        return true;
    }
}
