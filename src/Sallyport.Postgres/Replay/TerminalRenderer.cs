using System.Collections.Immutable;
using System.Globalization;
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
public sealed class TerminalRenderer(TextWriter output, TerminalOptions options)
{
    public void Write(TranscriptItem item)
    {
        var at = item.At.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        switch (item)
        {
            case CommandItem command:
                WriteCommand(at, command);
                break;
            case ResultItem result:
                WriteResult(result);
                break;
            case MessageItem message:
                WriteMessage(message);
                break;
            case CopyItem copy:
                output.WriteLine($"{at}  COPY data {(copy.ToClient ? "to the client" : "from the client")}: {copy.Bytes} bytes");
                break;
            case NoteItem note:
                output.WriteLine($"{at}  {NameOf(note.Kind)}  {SafeText.Show(note.Json)}");
                break;
            case UnreadableItem unreadable:
                output.WriteLine($"{at}  cannot be read: {SafeText.Show(unreadable.What)}");
                break;
        }
    }

    private void WriteCommand(string at, CommandItem command)
    {
        var flags = command.Flags == CommandFlags.None ? "" : $" ({command.Flags.ToString().ToLowerInvariant()})";
        var decision = command.Decision.ToString().ToLowerInvariant();
        output.WriteLine($"{at}  #{command.Number}  {decision} by {SafeText.Show(command.Rule)}{flags}");
        foreach (var line in SafeText.Show(command.Text, keepLines: true).Split('\n'))
            output.WriteLine("  > " + line);
        for (var i = 0; i < command.Parameters.Length; i++)
        {
            var text = command.Parameters[i].Text;
            output.WriteLine($"    ${i + 1} = {(text is null ? "NULL" : "'" + SafeText.Show(text) + "'")}");
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

    private static string NameOf(RecordKind kind) => kind switch
    {
        RecordKind.SessionOpened => "opened",
        RecordKind.SessionClosed => "closed",
        RecordKind.HoldOutcome => "hold",
        RecordKind.Interrupted => "interrupted",
        _ => "event",
    };
}
