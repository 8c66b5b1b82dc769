using System.Text;

namespace Sallyport.Ssh.Replay;

/// <summary>
/// Plays a recorded terminal on another: passes what draws (text, colours, cursor, erasing, scrolling, the alternate screen) and drops
/// what would make the reader's terminal do more: answer into its own input (status and attribute queries), write its clipboard, title
/// or colours (OSC), take files, fonts or key definitions (DCS, APC, PM, SOS), resize, print, report the mouse or the focus.
/// Sequences may be cut anywhere. What passes is a list, so what is new is dropped. Source: xterm's "Control Sequences" (ctlseqs).
/// </summary>
internal sealed class TerminalFilter
{
    private const int LongestSequence = 64;
    private const char Escape = '\u001b';
    private const char Bell = '\a';
    private const string PlainFinals = "@ABCDEFGHIKLMPSXZ`abdefgmr";
    private const string EscapeFinals = "78DEHM";
    private const string CharacterSets = "()*+#";

    private static readonly HashSet<string> DrawingModes = ["6", "7", "12", "25", "47", "1047", "1048", "1049"];

    private readonly StringBuilder _sequence = new();
    private State _state;
    private bool _afterReturn;
    private bool _isTooLong;
    private bool _mayEndWithBell;

    private enum State : byte
    {
        Ground,
        AfterEscape,
        Intermediate,
        Parameters,

        /// <summary>Inside OSC, DCS, APC, PM or SOS.</summary>
        Text,
    }

    public const string EnterAlternate = "\u001b[?1049h";

    /// <summary>The alternate screen is shown.</summary>
    public bool IsAlternate { get; private set; }

    /// <summary>The last thing passed was a line break.</summary>
    public bool IsAtLineStart { get; private set; } = true;

    /// <summary>
    /// Leaves the alternate screen; resets margins, character sets, modes and colours; shows the cursor. Where the soft reset (DECSTR) is
    /// unknown the single ones do it; the cursor is put back because setting margins moves it.
    /// </summary>
    public string Reset =>
        (IsAlternate ? "\u001b[?1049l" : "") + "\u001b[!p\u001b7\u001b[r\u001b8\u001b[4l\u001b[?7h\u001b[?25h\u001b[0m\u001b(B\u000f";

    public string Pass(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var c in text)
            Take(c, output);
        return output.ToString();
    }

    private void Take(char c, StringBuilder output)
    {
        if (c is >= '\u0080' and <= '\u009f' && (_state != State.Text || c == '\u009c'))
        {
            // A C1 control is short for ESC and the character 0x40 below it; some terminals read it so in UTF-8 too.
            Begin();
            TakeEscape((char)(c - 0x40), output);
            return;
        }
        switch (_state)
        {
            case var _ when c == Escape:
                Begin();
                break;
            case State.Text:
                if (c is '\u0018' or '\u001a' || (c == Bell && _mayEndWithBell))
                    _state = State.Ground;
                break;
            case var _ when c is < ' ' or '\u007f':
                TakeControl(c, output);
                break;
            case State.Ground:
                output.Append(c);
                (_afterReturn, IsAtLineStart) = (false, false);
                break;
            case State.AfterEscape:
                TakeEscape(c, output);
                break;
            case State.Intermediate or State.Parameters:
                TakeRest(c, output);
                break;
        }
    }

    private void Begin()
    {
        _state = State.AfterEscape;
        _isTooLong = false;
        _sequence.Clear().Append(Escape);
    }

    /// <summary>Controls work inside sequences too.</summary>
    private void TakeControl(char c, StringBuilder output)
    {
        if (c is '\u0018' or '\u001a')
            _state = State.Ground;
        if (c is not (Bell or '\b' or '\t' or '\n' or '\v' or '\f' or '\r' or '\u000e' or '\u000f'))
            return;

        // The reader's terminal line adds a return to a bare line feed; the recorded one had already decided. ESC D only moves down.
        var isBareFeed = c == '\n' && !_afterReturn;
        output.Append(isBareFeed ? "\u001bD" : c);
        _afterReturn = c == '\r';
        IsAtLineStart = c == '\n' && !isBareFeed;
    }

    private void TakeEscape(char c, StringBuilder output)
    {
        _sequence.Append(c);
        switch (c)
        {
            case '[':
                _state = State.Parameters;
                break;
            case ']' or 'P' or 'X' or '^' or '_':
                _state = State.Text;
                _mayEndWithBell = c == ']';
                break;
            case >= ' ' and <= '/':
                _state = State.Intermediate;
                break;
            default:
                _state = State.Ground;
                if (EscapeFinals.Contains(c, StringComparison.Ordinal))
                    Emit(output);
                else if (c == 'c')
                    FullReset(output);
                break;
        }
    }

    /// <summary>RIS would take the reader's settings and history too.</summary>
    private void FullReset(StringBuilder output)
    {
        output.Append(Reset).Append("\u001b[2J\u001b[H");
        (IsAlternate, _afterReturn, IsAtLineStart) = (false, false, false);
    }

    private void TakeRest(char c, StringBuilder output)
    {
        if (_sequence.Length >= LongestSequence)
            _isTooLong = true;
        else
            _sequence.Append(c);
        if (c < (_state == State.Parameters ? '@' : '0'))
            return;
        var isEscape = _state == State.Intermediate;
        _state = State.Ground;
        if (_isTooLong || c > '~')
            return;
        if (isEscape)
        {
            if (_sequence.Length == 3 && CharacterSets.Contains(_sequence[1], StringComparison.Ordinal))
                Emit(output);
            return;
        }
        TakeControlSequence(_sequence.ToString(2, _sequence.Length - 3), c, output);
    }

    private void TakeControlSequence(string parameters, char final, StringBuilder output)
    {
        if (parameters is ['?', .. var modes] && final is 'h' or 'l')
        {
            SetModes(modes.Split(';'), final, output);
            return;
        }
        var numbers = parameters is ['?', .. var erased] && final is 'J' or 'K' ? erased : parameters;
        var isDrawing = numbers.All(static c => char.IsAsciiDigit(c) || c is ';' or ':') && final switch
        {
            'h' or 'l' => numbers == "4",
            's' or 'u' => numbers.Length == 0,
            // 3 erases what was scrolled off: the reader's own history.
            'J' => numbers != "3",
            'T' => !numbers.Contains(';', StringComparison.Ordinal),
            _ => PlainFinals.Contains(final, StringComparison.Ordinal),
        };
        if (isDrawing || (parameters == "!" && final == 'p'))
            Emit(output);
    }

    private void SetModes(string[] modes, char final, StringBuilder output)
    {
        foreach (var mode in modes.Where(DrawingModes.Contains))
        {
            if (mode is "47" or "1047" or "1049")
                IsAlternate = final == 'h';
            output.Append("\u001b[?").Append(mode).Append(final);
        }
    }

    private void Emit(StringBuilder output)
    {
        output.Append(_sequence);
        (_afterReturn, IsAtLineStart) = (false, false);
    }
}
