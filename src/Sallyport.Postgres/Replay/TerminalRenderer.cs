using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

/// <summary>How much of a result the terminal shows.</summary>
public sealed record TerminalOptions
{
    public int MaxRows { get; init; } = 50;

    /// <summary>Characters of one cell; longer ones end in an ellipsis.</summary>
    public int MaxWidth { get; init; } = 60;
}

/// <summary>Writes items as psql would show them, with their times and decisions; nothing recorded can drive the terminal.</summary>
public sealed class TerminalRenderer(TextWriter output, TerminalOptions options) : TranscriptWriter
{
    private readonly TranscriptLines _lines = new(output);

    public override void Write(TranscriptItem item)
    {
        switch (item)
        {
            case ResultItem result:
                WriteResult(result);
                break;
            case MessageItem message:
                WriteMessage(message);
                break;
            case CopyItem copy:
                var way = copy.ToClient ? "to the client" : "from the client";
                output.WriteLine($"{TranscriptLines.Time(copy.At)}  COPY data {way}: {copy.Bytes} bytes");
                break;
            default:
                _lines.TryWrite(item);
                break;
        }
    }

    private void WriteResult(ResultItem result)
    {
        var rows = result.Rows.Take(options.MaxRows).Select(row => row.Select(Cell).ToImmutableArray()).ToList();
        var columns = rows.Select(static row => row.Length).Append(result.Columns?.Length ?? 0).Max();
        if (columns > 0)
        {
            var places = Enumerable.Range(0, columns);
            var names = places.Select(i =>
                Cell(result.Columns is { } known && i < known.Length ? known[i] : $"column{i + 1}")).ToImmutableArray();
            var widths = places.Select(i =>
                rows.Where(row => i < row.Length).Select(row => row[i].Length).Append(names[i].Length).Max()).ToArray();
            WriteLine(names, widths);
            output.WriteLine(string.Join('+', widths.Select(static width => new string('-', width + 2))));
            rows.ForEach(row => WriteLine(row, widths));
            if (result.RowCount > rows.Count)
                output.WriteLine($"... {result.RowCount - rows.Count} more rows");
        }
        output.WriteLine(SafeText.Show(result.Tag));
    }

    private void WriteLine(ImmutableArray<string> cells, int[] widths) =>
        output.WriteLine((" " + string.Join(" | ", cells.Select((cell, i) => cell.PadRight(widths[i])))).TrimEnd());

    private void WriteMessage(MessageItem message)
    {
        output.WriteLine($"{SafeText.Show(message.Severity)}:  {SafeText.Show(message.Code)}: {SafeText.Show(message.Message)}");
        if (message.Detail is { } detail)
            output.WriteLine("DETAIL:  " + SafeText.Show(detail));
        if (message.Hint is { } hint)
            output.WriteLine("HINT:  " + SafeText.Show(hint));
    }

    private string Cell(string? value)
    {
        if (value is null)
            return "NULL";
        var safe = SafeText.Show(value.Length > options.MaxWidth ? value[..options.MaxWidth] : value);
        return safe.Length > options.MaxWidth || value.Length > options.MaxWidth ? safe[..(options.MaxWidth - 1)] + "…" : safe;
    }
}
