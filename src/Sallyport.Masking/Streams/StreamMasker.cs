using System.Buffers;
using Sallyport.Core;

namespace Sallyport.Masking.Streams;

/// <summary>
/// One direction of one stream: passes over what begins nothing many bytes at a time, and takes the rest byte by byte through the escape
/// codes, the secrets that are held back, and the matching.
/// </summary>
internal sealed class StreamMasker : IStreamMasker
{
    private const byte Mask = (byte)'*';

    private readonly StreamMaskPlan _plan;
    private readonly HeldBytes? _held;
    private readonly EchoCredit _credit = new();
    private EscapeParser _escape;
    private MatchState _state;

    /// <summary>The text within a code.</summary>
    private MatchState _inner;

    /// <summary>Before a space, while a carriage return may follow and make a soft wrap of it.</summary>
    private MatchState _beforeSpace;

    private bool _isBehindSpace;
    private int _heldNode;
    private Detectors _found;

    public StreamMasker(StreamMaskPlan plan)
    {
        _plan = plan;
        _held = plan.Held is null ? null : new HeldBytes();
    }

    public bool IsHolding => _held is { Count: > 0 };

    public long MaskedBytes { get; private set; }

    public Detectors Found => _found;

    private bool IsIdle => _escape.IsInText && _state.IsAtRest && !_isBehindSpace && _heldNode == 0 && _credit.IsEmpty;

    public void Credit(ReadOnlySpan<byte> typed) => _credit.Add(typed);

    public void Write(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output)
    {
        if (chunk.IsEmpty)
            return;
        var target = output.GetSpan(chunk.Length + (_held?.Count ?? 0));
        var written = 0;
        for (var at = 0; at < chunk.Length; at++)
        {
            if (IsIdle)
            {
                var passed = chunk.Slice(at, _plan.Prefilter.Skip(chunk[at..], _state.Before));
                if (!passed.IsEmpty)
                {
                    passed.CopyTo(target[written..]);
                    written += passed.Length;
                    at += passed.Length;
                    _state.Pass(passed);
                    _credit.Pass();
                }
                if (at == chunk.Length)
                    break;
            }
            Take(chunk[at], target, ref written);
        }
        output.Advance(written);
    }

    public void Release(IBufferWriter<byte> output)
    {
        if (!IsHolding)
            return;
        var target = output.GetSpan(_held!.Count);
        var written = 0;
        // What comes next may still complete the secret: its rest is then masked.
        while (_held.Count > 0)
            Emit(_held.Take(), target, ref written);
        output.Advance(written);
    }

    private void Take(byte value, Span<byte> target, ref int written)
    {
        var kind = _escape.Next(value);
        var isEcho = kind == TerminalByte.Text && !IsHolding && _credit.WouldCover(value, _state.IsAtRest);
        if (_held is null || isEcho)
        {
            _heldNode = 0;
            Emit((value, kind), target, ref written);
            return;
        }
        if (kind == TerminalByte.Move)
            _heldNode = 0;
        else if (kind == TerminalByte.Text)
            _heldNode = _plan.Held!.Next(_heldNode, value);
        _held.Add(value, kind);
        if (_plan.Held!.End(_heldNode) is { } secret)
        {
            HideLast(secret.Text.Length, target, ref written);
            _heldNode = 0;
            return;
        }
        var kept = _held.IsFull ? 0 : _plan.Held.Depth(_heldNode);
        while (_held.Count > 0 && (_held.Visible > kept || kept == 0))
            Emit(_held.Take(), target, ref written);
    }

    /// <summary>Of what is held the last visible bytes are the secret; after a release some of them are gone.</summary>
    private void HideLast(int length, Span<byte> target, ref int written)
    {
        while (_held!.Count > 0)
        {
            var isSecret = _held.Visible <= length;
            var next = _held.Take();
            if (!isSecret || next.Kind != TerminalByte.Text)
            {
                Emit(next, target, ref written);
                continue;
            }
            MaskedBytes++;
            Emit((Mask, TerminalByte.Text), target, ref written);
        }
    }

    private void Emit((byte Value, TerminalByte Kind) next, Span<byte> target, ref int written)
    {
        var masks = false;
        switch (next.Kind)
        {
            case TerminalByte.Text:
                masks = Text(next.Value);
                break;
            case TerminalByte.Inner:
                masks = _inner.Step(_plan, next.Value, ref _found);
                break;
            case TerminalByte.InnerStart:
                _inner = default;
                break;
            case TerminalByte.Move:
                (_state, _isBehindSpace) = (default, false);
                break;
        }
        MaskedBytes += masks ? 1 : 0;
        target[written++] = masks ? Mask : next.Value;
    }

    private bool Text(byte value)
    {
        if (_isBehindSpace && value == '\r')
        {
            (_state, _isBehindSpace) = (_beforeSpace, false);
            return false;
        }
        _isBehindSpace = value == ' ' && _state.MayWrap(_plan);
        if (_isBehindSpace)
            _beforeSpace = _state;
        var isEcho = _credit.Covers(value, _state.IsAtRest);
        return _state.Step(_plan, value, ref _found) && !isEcho;
    }
}
