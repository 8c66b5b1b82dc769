using Sallyport.Core;
using Spectre.Console;

namespace Sallyport.Cli;

/// <summary>Rows for people: a table on a terminal, tab-separated lines elsewhere. Cells are escaped here, and only here.</summary>
internal static class TableOutput
{
    private const int LongestCell = 80;

    public static void Write(CliContext cli, string[] columns, IEnumerable<string?[]> rows)
    {
        var safe = rows.Select(static row => row.Select(static cell => SafeText.Short(cell ?? "-", LongestCell)).ToArray()).ToList();
        if (!cli.IsTerminal)
        {
            cli.Out.WriteLine(string.Join('\t', columns));
            foreach (var row in safe)
                cli.Out.WriteLine(string.Join('\t', row));
            return;
        }
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column)));
        foreach (var row in safe)
            table.AddRow(row.Select(static cell => new Text(cell)));
        AnsiConsole.Write(table);
    }
}
