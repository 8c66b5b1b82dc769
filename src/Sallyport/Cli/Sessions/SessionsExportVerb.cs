using System.CommandLine;
using System.Text;
using Sallyport.Hosting;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions export ID</c>: for other programs. A file is readable by its owner only and appears when it is whole.</summary>
internal static class SessionsExportVerb
{
    private static readonly Option<string> Format = new Option<string>("--format")
    {
        Description = "jsonl: everything, one object a line. sql: what ran, as a script for psql.",
        DefaultValueFactory = static _ => "jsonl",
    }.AcceptOnlyFromAmong("jsonl", "sql");

    private static readonly Option<string?> OutFile = new("--out") { Description = "Default: standard output.", HelpName = "FILE" };

    public static Command Create(CliContext cli)
    {
        var command = new Command("export", "Write what a session did for other programs.") { SessionsVerb.Recorded, Format, OutFile };
        RecordSource.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var source = RecordSource.Open(parsed, cli);
        var session = await source.FindAsync(parsed.GetRequiredValue(SessionsVerb.Recorded), stop);
        var records = source.ReadAsync(session, follow: false, stop);
        var isSql = parsed.GetValue(Format) == "sql";
        if (parsed.GetValue(OutFile) is not { } file)
        {
            await PrinterTo(cli.Out, isSql).PrintAsync(records, stop);
            return ExitCode.Ok;
        }
        try
        {
            await using (var output = new StreamWriter(PrivateFiles.Create(Unfinished(file)), new UTF8Encoding(false)))
                await PrinterTo(output, isSql).PrintAsync(records, stop);
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

    private static TranscriptPrinter PrinterTo(TextWriter output, bool isSql) =>
        isSql ? TranscriptPrinter.ForPsql(output) : TranscriptPrinter.ForMachines(output);
}
