namespace Sallyport.Ssh.Channels;

/// <summary>
/// What a client sent and nobody has taken yet. Bytes are moved when half of what is held was taken, so that a window full of
/// one-byte messages or of empty lines costs what its bytes cost.
/// </summary>
internal sealed class WaitingInput
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(_start.._end);

    public void Add(ReadOnlySpan<byte> data)
    {
        if (data.Length > _bytes.Length - _end)
            MakeRoom(data.Length);
        data.CopyTo(_bytes.AsSpan(_end));
        _end += data.Length;
    }

    /// <summary>Forgets the first <paramref name="count"/> bytes.</summary>
    public void Take(int count)
    {
        _start += count;
        if (IsEmpty)
            Clear();
    }

    /// <summary>Lets go of the memory, too: mostly nothing waits.</summary>
    public void Clear() => (_bytes, _start, _end) = ([], 0, 0);

    private void MakeRoom(int wanted)
    {
        var held = _end - _start;
        var to = wanted <= _bytes.Length - held && held <= _start ? _bytes : new byte[Math.Max(held + wanted, Math.Max(64, held * 2))];
        Span.CopyTo(to);
        (_bytes, _start, _end) = (to, 0, held);
    }
}
