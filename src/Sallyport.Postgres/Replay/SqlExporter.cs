using System.Globalization;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

/// <summary>
/// The commands the upstream ran, as a script for psql. Parameters go through PREPARE and EXECUTE, as the client sent them apart.
/// What psql itself would misread is commented out and says so: a backslash (psql would run it as its own command, on the reader's
/// machine), COPY from the client (its data is not part of the script), text with hidden or control characters, and what failed: it
/// need not even be closed (a quote without an end would swallow the rest). In a pipeline only the last command before an error
/// counts as the one that failed.
/// </summary>
public sealed class SqlExporter(TextWriter output) : TranscriptWriter
{
    private const string StatementName = "replayed";
    private const uint Bytea = 17;

    private CommandItem? _pending;

    public override void Write(TranscriptItem item)
    {
        if (item is MessageItem { IsError: true } error && _pending is { } failed)
        {
            _pending = null;
            LeaveOut(failed, $"it failed with {SafeText.Show(error.Code)}");
        }
        if (item is not CommandItem command)
            return;
        WritePending();
        if (command.Ran)
            _pending = command;
    }

    public override string? Complete()
    {
        WritePending();
        return null;
    }

    /// <summary>Writes the last command, whose outcome no later item can tell any more.</summary>
    private void WritePending()
    {
        if (_pending is not { } command)
            return;
        _pending = null;
        var text = Trim(command.Text);
        var why = command.Parameters.Select(static parameter => WhyNot(IsHex(parameter) ? "" : parameter.Text ?? ""))
            .Prepend(WhyNot(text)).FirstOrDefault(static reason => reason is not null);
        if (why is not null)
        {
            LeaveOut(command, why);
            return;
        }
        WriteTitle(command);
        if (command.Parameters.IsEmpty)
        {
            WriteStatement(text);
            return;
        }
        WriteStatement($"PREPARE {StatementName} AS {text}");
        WriteStatement($"EXECUTE {StatementName}({string.Join(", ", command.Parameters.Select(Quote))})");
        WriteStatement($"DEALLOCATE {StatementName}");
    }

    private void LeaveOut(CommandItem command, string why)
    {
        WriteTitle(command);
        output.WriteLine($"-- left out: {why}");
        foreach (var line in SafeText.Show(Trim(command.Text), keepLines: true).Split('\n'))
            output.WriteLine("--   " + line);
    }

    private void WriteTitle(CommandItem command) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture,
            $"-- {command.At.UtcDateTime:O} #{command.Number} allowed by {SafeText.Show(command.Rule)}"));

    private static string Trim(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd().TrimEnd(';');

    /// <summary>The semicolon stands on a line of its own, where a trailing line comment cannot swallow it.</summary>
    private void WriteStatement(string text)
    {
        output.WriteLine(text);
        output.WriteLine(";");
    }

    private static string? WhyNot(string text)
    {
        if (text.Contains('\\', StringComparison.Ordinal))
            return "it contains a backslash, which psql would read as a command of its own";
        if (SafeText.Show(text, keepLines: true) != text)
            return "it contains hidden or control characters";
        if (text.Contains("copy", StringComparison.OrdinalIgnoreCase) && text.Contains("stdin", StringComparison.OrdinalIgnoreCase))
            return "it takes data from the client";
        return null;
    }

    /// <summary>A bytea is written with decode(), so that no backslash stands in the script.</summary>
    private static string Quote(TranscriptParameter parameter) => parameter.Text switch
    {
        null => "NULL",
        { } hex when IsHex(parameter) => $"decode('{hex[2..]}', 'hex')",
        { } text => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'",
    };

    private static bool IsHex(TranscriptParameter parameter) =>
        parameter.Type == Bytea && parameter.Text is ['\\', 'x', .. var hex] && hex.All(char.IsAsciiHexDigit);
}
