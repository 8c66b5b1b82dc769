using System.Buffers;
using System.IO.Pipelines;
using Sallyport.Core;
using Sallyport.Postgres.Masking;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What goes to the client, in order. It is written where it is sent from, but the pipe has it only when all that was written since was
/// recorded, in one piece. Only what has no room there, or no room in the recorder, is kept aside. Not thread-safe.
/// </summary>
internal sealed class AnswerWriter(PipeWriter output, ISessionRecorder recorder) : IBufferWriter<byte>
{
    /// <summary>What wants more room in one piece is put together aside.</summary>
    private const int LongestStraight = 32 * 1024;

    // Small enough to pass a recorder with little room.
    private const int Piece = 16 * 1024;

    private readonly RowBuffer _aside = new();
    private Memory<byte> _room;
    private int _written;
    private int _asideSent;
    private bool _isAside;

    /// <summary>Something waits for <see cref="TryEmit"/>, and nothing more should be written before.</summary>
    public bool IsAside => _aside.Length > 0;

    /// <summary>Whether there is anything that the pipe does not have.</summary>
    public bool HasWritten => _written > 0 || IsAside;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var span = GetSpan();
            var part = bytes[..Math.Min(bytes.Length, span.Length)];
            part.CopyTo(span);
            Advance(part.Length);
            bytes = bytes[part.Length..];
        }
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        var wanted = Math.Max(1, sizeHint);
        return !IsAside && _room.Length - _written >= wanted ? Straight() : Elsewhere(wanted).Span;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var wanted = Math.Max(1, sizeHint);
        if (IsAside || _room.Length - _written < wanted)
            return Elsewhere(wanted);
        _isAside = false;
        return _room[_written..];
    }

    public void Advance(int count)
    {
        if (_isAside)
            _aside.Advance(count);
        else
            _written += count;
    }

    /// <summary>
    /// Records what was written and gives it to the pipe. False when the recorder does not take all of it: nothing of the rest is in the
    /// pipe, which may be flushed, and it can be tried again.
    /// </summary>
    public bool TryEmit()
    {
        if (!TryEmitStraight())
            return false;
        while (_asideSent < _aside.Length)
        {
            var rest = _aside.Written[_asideSent..];
            var piece = rest[..Math.Min(rest.Length, Piece)];
            if (!TryRecord(piece))
                return false;
            output.Write(piece);
            _asideSent += piece.Length;
        }
        Release();
        return true;
    }

    /// <summary>Before a flush of the pipe, when all is emitted: the room is the pipe's again.</summary>
    public void LetGo() => _room = default;

    /// <summary>Forgets what was not emitted.</summary>
    public void Release()
    {
        _aside.Release();
        _asideSent = 0;
        _isAside = false;
        _written = 0;
        _room = default;
    }

    private Span<byte> Straight()
    {
        _isAside = false;
        return _room.Span[_written..];
    }

    private Memory<byte> Elsewhere(int wanted)
    {
        _isAside = IsAside || !TryEmitStraight() || wanted > LongestStraight;
        if (_isAside)
            return _aside.GetMemory(wanted);
        return _room = output.GetMemory(wanted);
    }

    /// <summary>False: what was written lies aside, since the room would be lost with a flush.</summary>
    private bool TryEmitStraight()
    {
        var written = _room.Span[.._written];
        _room = default;
        if (written.IsEmpty)
            return true;
        _written = 0;
        if (!TryRecord(written))
        {
            _aside.Append(written);
            return false;
        }
        output.Advance(written.Length);
        return true;
    }

    private bool TryRecord(ReadOnlySpan<byte> bytes) =>
        recorder.TryAppend(RecordKind.Answer, bytes, [], out _) == RecordOutcome.Taken;
}
