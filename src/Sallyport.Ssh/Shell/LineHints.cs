namespace Sallyport.Ssh.Shell;

/// <summary>
/// Guesses the command lines that are typed into a plain shell, for the record. It is no control: history, completion, scripts and
/// programs that read keys go past it. On a terminal a line counts only when it was echoed whole before the next row, so that what is
/// typed at a password prompt is not kept. Guarded by the session's lock.
/// </summary>
/// <param name="hasPty">There is a terminal, which echoes.</param>
/// <param name="found">Told of each line and why it is doubtful, or null; without its text when it was not echoed.</param>
internal sealed class LineHints(bool hasPty, Action<ReadOnlyMemory<byte>, string?> found)
{
    private const int LongestLine = 4096;
    private const int MostWaiting = 64;
    private const string Unverified = "unverified";
    private readonly Queue<(byte[] Line, bool IsSure)> _entered = new();
    private readonly List<byte> _typed = [];
    private bool _isSure = true;
    private int _echoed;
    private int _sequence;

    /// <summary>Takes what the client sent.</summary>
    public void Typed(ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
        {
            if (IsSequence(value))
            {
                _isSure = false;
                continue;
            }
            switch (value)
            {
                case (byte)'\r' or (byte)'\n':
                    Enter();
                    break;
                case 0x7F or 0x08:
                    Erase();
                    break;
                case 0x03 or 0x15:
                    Clear();
                    break;
                case >= 0x20 when _typed.Count < LongestLine:
                    _typed.Add(value);
                    break;
                default:
                    // A key of the shell's own: what it makes of the line is not known here.
                    _isSure = false;
                    break;
            }
        }
    }

    /// <summary>Takes what the client was shown.</summary>
    public void Shown(ReadOnlySpan<byte> data)
    {
        if (!hasPty || (_typed.Count == 0 && _entered.Count == 0))
            return;
        foreach (var value in data)
        {
            var isEntered = _entered.TryPeek(out var first);
            if (isEntered && value == '\n')
            {
                _entered.Dequeue();
                if (_echoed == first.Line.Length)
                    found(first.Line, first.IsSure ? null : Unverified);
                else
                    found(default, "not echoed");
                _echoed = 0;
            }
            else if (isEntered ? _echoed < first.Line.Length && first.Line[_echoed] == value : _echoed < _typed.Count && _typed[_echoed] == value)
            {
                _echoed++;
            }
        }
    }

    /// <summary>Keys such as arrows: ESC [ … and ESC O …</summary>
    private bool IsSequence(byte value)
    {
        (_sequence, var isPart) = _sequence switch
        {
            0 => value == 0x1B ? (1, true) : (0, false),
            1 => value is (byte)'[' or (byte)'O' ? (2, true) : (0, true),
            _ => value is >= 0x40 and < 0x7F ? (0, true) : (2, true),
        };
        return isPart;
    }

    private void Enter()
    {
        byte[] line = [.. _typed];
        if (line.Length > 0 && !hasPty)
            found(line, _isSure ? null : Unverified);
        else if (line.Length > 0 && _entered.Count < MostWaiting)
            _entered.Enqueue((line, _isSure));
        _typed.Clear();
        _isSure = true;
    }

    private void Erase()
    {
        // A character may be several bytes.
        while (_typed.Count > 0)
        {
            var last = _typed[^1];
            _typed.RemoveAt(_typed.Count - 1);
            if ((last & 0xC0) != 0x80)
                break;
        }
        if (_entered.Count == 0)
            _echoed = Math.Min(_echoed, _typed.Count);
    }

    private void Clear()
    {
        _typed.Clear();
        _isSure = true;
        if (_entered.Count == 0)
            _echoed = 0;
    }
}
