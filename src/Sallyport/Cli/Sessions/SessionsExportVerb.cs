using System.CommandLine;
using System.Text;
using Sallyport.Hosting;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions export ID</c>: for other programs. A file is readable by its owner only and appears when it is whole.</summary>
internal static class SessionsExportVerb
{
    private static readonly Option<string> Format = new Option<string>("--format")
    {
        Description = "jsonl: everything, one object a line. sql: what ran, as a script for psql. " +
            "asciicast, asciicast-v3: one channel of an SSH session for asciinema.",
        DefaultValueFactory = static _ => "jsonl",
    }.AcceptOnlyFromAmong("jsonl", "sql", "asciicast", "asciicast-v3");

    private static readonly Option<bool> Input = new("--input")
    {
        Description = "An asciicast has what was typed too, passwords included.",
    };

    private static readonly Option<string?> OutFile = new("--out") { Description = "Default: standard output.", HelpName = "FILE" };

    public static Command Create(CliContext cli)
    {
        var command = new Command("export", "Write what a session did for other programs.")
        {
            SessionsVerb.Recorded, Format, SessionsVerb.Channel, Input, OutFile,
        };
        RecordSource.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var source = RecordSource.Open(parsed, cli);
        var session = await source.FindAsync(parsed.GetRequiredValue(SessionsVerb.Recorded), stop);
        var records = source.ReadAsync(session, follow: false, stop);
        if (parsed.GetValue(OutFile) is not { } file)
        {
            await PrinterTo(cli.Out, parsed).PrintAsync(records, stop);
            return ExitCode.Ok;
        }
        try
        {
            await using (var output = new StreamWriter(PrivateFiles.Create(Unfinished(file)), new UTF8Encoding(false)))
                await PrinterTo(output, parsed).PrintAsync(records, stop);
            File.Move(Unfinished(file), file, overwrite: true);
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.CannotUseFiles, $"{file} cannot be written: {e.Message}", "Choose another place with --out.");
        }
        finally
        {
            if (File.Exists(Unfinished(file)))
                File.Delete(Unfinished(file));
        }
    }

    private static string Unfinished(string file) => $"{file}.{Environment.ProcessId}.new";

    private static TranscriptPrinter PrinterTo(TextWriter output, ParseResult parsed) => new(new TranscriptView
    {
        Output = output,
        Form = parsed.GetValue(Format) switch
        {
            "sql" => TranscriptForm.Sql,
            "asciicast" => TranscriptForm.Asciicast,
            "asciicast-v3" => TranscriptForm.AsciicastV3,
            _ => TranscriptForm.Jsonl,
        },
        Channel = parsed.GetValue(SessionsVerb.Channel),
        WithInput = parsed.GetValue(Input),
    });
}
