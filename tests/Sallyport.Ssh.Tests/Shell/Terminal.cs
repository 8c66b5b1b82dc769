using System.Globalization;
using System.Text;

namespace Sallyport.Ssh.Tests.Shell;

/// <summary>As much of a terminal as a line editor needs: text that wraps, carriage return, backspace, cursor moves, erasing below.</summary>
internal sealed class Terminal(int columns)
{
    private readonly List<StringBuilder> _rows = [new()];
    private bool _isFull;

    public int Row { get; private set; }

    public int Column { get; private set; }

    /// <summary>All rows, without blanks at their ends and without empty rows at the end.</summary>
    public string Text => string.Join('\n', _rows.Select(static r => r.ToString().TrimEnd())).TrimEnd('\n');

    public void Write(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\e':
                    var end = i + 2;
                    while (text[end] is < '@')
                        end++;
                    Obey(text[end], text[(i + 2)..end]);
                    i = end;
                    break;
                case '\r':
                    (Column, _isFull) = (0, false);
                    break;
                case '\b':
                    (Column, _isFull) = (Math.Max(0, Column - 1), false);
                    break;
                case '\n':
                    Down(1);
                    break;
                default:
                    Put(text[i]);
                    break;
            }
        }
    }

    private void Obey(char final, string argument)
    {
        if (argument.StartsWith('?'))
            return;
        var count = argument.Length == 0 ? 1 : int.Parse(argument, CultureInfo.InvariantCulture);
        _isFull = false;
        switch (final)
        {
            case 'A':
                Row = Math.Max(0, Row - count);
                break;
            case 'B':
                Down(count);
                break;
            case 'C':
                Column = Math.Min(columns - 1, Column + count);
                break;
            case 'J':
                _rows.RemoveRange(Row + 1, _rows.Count - Row - 1);
                if (_rows[Row].Length > Column)
                    _rows[Row].Length = Column;
                break;
            default:
                throw new InvalidOperationException($"CSI {argument}{final}");
        }
    }

    private void Put(char character)
    {
        if (_isFull)
        {
            Down(1);
            Column = 0;
        }
        var row = _rows[Row];
        while (row.Length <= Column)
            row.Append(' ');
        row[Column] = character;
        _isFull = Column == columns - 1;
        if (!_isFull)
            Column++;
    }

    private void Down(int count)
    {
        Row += count;
        _isFull = false;
        while (_rows.Count <= Row)
            _rows.Add(new());
    }
}
