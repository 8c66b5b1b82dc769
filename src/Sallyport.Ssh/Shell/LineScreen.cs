using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sallyport.Ssh.Shell;

/// <summary>Keeps a prompt and the line behind it on a terminal as they are edited, over as many rows as it takes. Writes only what changed.</summary>
internal sealed class LineScreen
{
    private readonly List<Rune> _shown = [];
    private int _promptWidth;
    private int _at;

    /// <summary>The terminal's width in cells.</summary>
    public int Columns { get; set; } = 80;

    /// <summary>Shows a prompt on a row of its own, with nothing behind it.</summary>
    public void Begin(string prompt, IBufferWriter<byte> output)
    {
        _shown.Clear();
        _at = 0;
        _promptWidth = prompt.EnumerateRunes().Sum(RuneWidth.Of);
        Write(output, prompt);
        Settle(output);
    }

    /// <summary>Brings the terminal up to date.</summary>
    /// <param name="text">The line.</param>
    /// <param name="cursor">Before which of its runes the cursor stands.</param>
    /// <param name="output">What to write to the terminal.</param>
    public void Show(IReadOnlyList<Rune> text, int cursor, IBufferWriter<byte> output)
    {
        var same = 0;
        while (same < text.Count && same < _shown.Count && text[same] == _shown[same])
            same++;
        if (same < text.Count || same < _shown.Count)
        {
            Move(same, output);
            var isShorter = _shown.Count > same;
            _shown.RemoveRange(same, _shown.Count - same);
            var added = new StringBuilder();
            for (; same < text.Count; same++)
            {
                added.Append(Visible(text[same]).ToString());
                _shown.Add(text[same]);
            }
            Write(output, added.ToString());
            _at = _shown.Count;
            if (added.Length > 0)
                Settle(output);
            if (isShorter)
                output.Write("\e[J"u8);
        }
        Move(cursor, output);
    }

    /// <summary>A newline of a paste is part of the line until Enter.</summary>
    private static Rune Visible(Rune rune) => rune.Value == '\n' ? new Rune('⏎') : rune;

    /// <summary>A terminal that was filled to its last column goes to the next row with the next character only.</summary>
    private void Settle(IBufferWriter<byte> output)
    {
        if (CellOf(_at) is ( > 0, 0))
            output.Write(" \r"u8);
    }

    private void Move(int to, IBufferWriter<byte> output)
    {
        if (to == _at)
            return;
        var (row, column) = CellOf(_at);
        var (newRow, newColumn) = CellOf(to);
        _at = to;
        if (newRow != row)
            Write(output, string.Create(CultureInfo.InvariantCulture, $"\e[{Math.Abs(newRow - row)}{(newRow < row ? 'A' : 'B')}"));
        if (newColumn == column)
            return;
        if (newColumn == column - 1)
            output.Write("\b"u8);
        else
            Write(output, newColumn == 0 ? "\r" : string.Create(CultureInfo.InvariantCulture, $"\r\e[{newColumn}C"));
    }

    private (int Row, int Column) CellOf(int index)
    {
        var columns = Math.Max(2, Columns);
        var (row, column) = Math.DivRem(_promptWidth, columns);
        for (var i = 0; i < index; i++)
        {
            var width = RuneWidth.Of(Visible(_shown[i]));
            if (column + width > columns)
                (row, column) = (row + 1, 0);
            column += width;
            if (column == columns)
                (row, column) = (row + 1, 0);
        }
        return (row, column);
    }

    private static void Write(IBufferWriter<byte> output, string text) =>
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
}
