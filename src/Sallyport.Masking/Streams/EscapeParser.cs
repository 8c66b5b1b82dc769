namespace Sallyport.Masking.Streams;

/// <summary>What a byte is to a terminal.</summary>
internal enum TerminalByte : byte
{
    /// <summary>It shows, or moves the cursor as text does.</summary>
    Text,

    /// <summary>Of a code that leaves the cursor where it is (colours, modes, erasing), or nothing at all (NUL).</summary>
    Code,

    /// <summary>The end of a code that moves the cursor: what follows does not continue what came before.</summary>
    Move,

    /// <summary>Text within a code (a title, a link, the clipboard).</summary>
    Inner,

    /// <summary>The beginning of such a code.</summary>
    InnerStart,
}

/// <summary>Follows escape codes (ECMA-48, xterm's ctlseqs) byte by byte.</summary>
internal struct EscapeParser
{
    private const byte Escape = 0x1B;
    private const int LongestCode = 64;

    private State _state;
    private int _length;

    private enum State : byte
    {
        Text,
        Escaped,
        Charset,
        Code,
        Inner,
        InnerEscaped,
    }

    public readonly bool IsInText => _state == State.Text;

    public TerminalByte Next(byte value)
    {
        switch (_state)
        {
            case State.Text when value == Escape:
                _state = State.Escaped;
                return TerminalByte.Code;
            case State.Text:
                return value == 0 ? TerminalByte.Code : TerminalByte.Text;
            case State.Escaped:
                return AfterEscape(value);
            case State.Charset:
                _state = State.Text;
                return TerminalByte.Code;
            case State.Code:
                return InCode(value);
            case State.InnerEscaped when value == '\\':
                _state = State.Text;
                return TerminalByte.Code;
            case State.InnerEscaped:
                return AfterEscape(value);
            default:
                return InInner(value);
        }
    }

    private TerminalByte AfterEscape(byte value)
    {
        _length = 0;
        _state = value switch
        {
            (byte)'[' => State.Code,
            (byte)']' or (byte)'P' or (byte)'_' or (byte)'^' or (byte)'X' => State.Inner,
            (byte)'(' or (byte)')' or (byte)'*' or (byte)'+' => State.Charset,
            Escape => State.Escaped,
            _ => State.Text,
        };
        if (_state == State.Inner)
            return TerminalByte.InnerStart;
        return _state != State.Text || value is (byte)'=' or (byte)'>' ? TerminalByte.Code : TerminalByte.Move;
    }

    private TerminalByte InCode(byte value)
    {
        if (value == Escape)
        {
            _state = State.Escaped;
            return TerminalByte.Code;
        }
        if (value is >= 0x20 and < 0x40 && ++_length < LongestCode)
            return TerminalByte.Code;
        _state = State.Text;
        return value is (byte)'m' or (byte)'K' or (byte)'h' or (byte)'l' or (byte)'n' or (byte)'c' or (byte)'q' or (byte)'t'
            ? TerminalByte.Code : TerminalByte.Move;
    }

    private TerminalByte InInner(byte value)
    {
        const byte Bell = 7, Cancel = 0x18, Substitute = 0x1A;
        if (value == Escape)
            _state = State.InnerEscaped;
        else if (value is Bell or Cancel or Substitute)
            _state = State.Text;
        else
            return TerminalByte.Inner;
        return TerminalByte.Code;
    }
}
