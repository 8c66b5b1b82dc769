using System.Buffers;
using System.Text;

namespace Sallyport.Ssh.Shell;

/// <summary>Why the editor stopped reading.</summary>
internal enum EditorStep : byte
{
    /// <summary>All was read, and the line goes on.</summary>
    More,

    /// <summary>Enter: <see cref="LineEditor.Text"/> is to run. It has newlines where a paste had them.</summary>
    Entered,

    /// <summary>Ctrl-C.</summary>
    Cancelled,

    /// <summary>Ctrl-D on an empty line.</summary>
    Left,
}

/// <summary>The line editor of command mode: the client's bytes → a line and what its terminal shows. Not thread-safe.</summary>
internal sealed class LineEditor
{
    /// <summary>Longer lines are not taken; as UTF-8 they stay below what can be certain.</summary>
    public const int LongestLine = 8 * 1024;

    private const int KeptLines = 200;
    private readonly KeyReader _keys = new();
    private readonly LineScreen _screen = new();
    private readonly List<Rune> _text = [];
    private readonly List<string> _history = [];
    private int _cursor;
    private int _line;
    private string _unfinished = "";
    private bool _isPasting;

    public string Text => string.Concat(_text);

    /// <summary>The terminal's width in cells.</summary>
    public int Columns
    {
        get => _screen.Columns;
        set => _screen.Columns = value is > 1 and < 10_000 ? value : 80;
    }

    /// <summary>Shows the prompt of a new line, and has pastes marked.</summary>
    public void Begin(string prompt, IBufferWriter<byte> output)
    {
        _text.Clear();
        _cursor = 0;
        _line = _history.Count;
        _unfinished = "";
        _isPasting = false;
        _keys.Clear();
        output.Write("\e[?2004h"u8);
        _screen.Begin(prompt, output);
    }

    /// <summary>Shows a line that was not typed here, and ends it.</summary>
    public void Enter(string line, IBufferWriter<byte> output)
    {
        Replace(line);
        Finish(output, ""u8);
    }

    /// <param name="data">What the client sent; what was read is taken off.</param>
    /// <param name="output">What its terminal gets.</param>
    public EditorStep Read(ref ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        while (!data.IsEmpty)
        {
            var key = _keys.Read(data[0], out var rune);
            data = data[1..];
            switch (key)
            {
                case Key.Enter when _isPasting:
                    Insert(new Rune('\n'));
                    break;
                case Key.Enter:
                    Remember();
                    Finish(output, ""u8);
                    return EditorStep.Entered;
                case Key.Cancel:
                    Finish(output, "^C"u8);
                    return EditorStep.Cancelled;
                case Key.Leave when _text.Count == 0 && !_isPasting:
                    Finish(output, ""u8);
                    return EditorStep.Left;
                default:
                    Edit(key, rune);
                    break;
            }
        }
        _screen.Show(_text, _cursor, output);
        return EditorStep.More;
    }

    private void Edit(Key key, Rune rune)
    {
        switch (key)
        {
            case Key.Text:
                Insert(rune);
                break;
            case Key.Tab when _isPasting:
                Insert(new Rune(' '));
                break;
            case Key.Backspace when _cursor > 0:
                Cut(_cursor - 1, _cursor);
                break;
            case Key.Delete or Key.Leave when _cursor < _text.Count:
                Cut(_cursor, _cursor + 1);
                break;
            case Key.Left when _cursor > 0:
                _cursor--;
                break;
            case Key.Right when _cursor < _text.Count:
                _cursor++;
                break;
            case Key.Home:
                _cursor = 0;
                break;
            case Key.End:
                _cursor = _text.Count;
                break;
            case Key.CutBefore:
                Cut(0, _cursor);
                break;
            case Key.CutAfter:
                Cut(_cursor, _text.Count);
                break;
            case Key.CutWord:
                Cut(BeginOfWord(), _cursor);
                break;
            case Key.Older when _line > 0:
                Recall(_line - 1);
                break;
            case Key.Newer when _line < _history.Count:
                Recall(_line + 1);
                break;
            case Key.PasteBegins or Key.PasteEnds:
                _isPasting = key == Key.PasteBegins;
                break;
        }
    }

    private void Insert(Rune rune)
    {
        if (_text.Count < LongestLine)
            _text.Insert(_cursor++, rune);
    }

    private void Cut(int from, int to)
    {
        _text.RemoveRange(from, to - from);
        _cursor = from;
    }

    private int BeginOfWord()
    {
        var at = _cursor;
        while (at > 0 && Rune.IsWhiteSpace(_text[at - 1]))
            at--;
        while (at > 0 && !Rune.IsWhiteSpace(_text[at - 1]))
            at--;
        return at;
    }

    private void Recall(int line)
    {
        if (_line == _history.Count)
            _unfinished = Text;
        _line = line;
        Replace(line == _history.Count ? _unfinished : _history[line]);
    }

    private void Replace(string text)
    {
        _text.Clear();
        _text.AddRange(text.EnumerateRunes());
        _cursor = _text.Count;
    }

    private void Remember()
    {
        var text = Text;
        if (string.IsNullOrWhiteSpace(text) || (_history.Count > 0 && _history[^1] == text))
            return;
        if (_history.Count == KeptLines)
            _history.RemoveAt(0);
        _history.Add(text);
    }

    private void Finish(IBufferWriter<byte> output, ReadOnlySpan<byte> mark)
    {
        _screen.Show(_text, _text.Count, output);
        output.Write(mark);
        output.Write("\r\n\e[?2004l"u8);
    }
}
