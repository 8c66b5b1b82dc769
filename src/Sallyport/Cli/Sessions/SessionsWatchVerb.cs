using System.CommandLine;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions watch ID</c>: what a live session did so far, then what it does. Ctrl-C ends only the watching.</summary>
internal static class SessionsWatchVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("watch", "Follow a live session until it ends or Ctrl-C.")
        {
            SessionsVerb.Recorded, SessionsVerb.Channel, CommonOptions.Json,
        };
        RecordSource.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var source = RecordSource.Open(parsed, cli);
        var session = await source.FindAsync(parsed.GetRequiredValue(SessionsVerb.Recorded), stop);
        var view = TranscriptView.Of(cli, parsed.GetValue(CommonOptions.Json), isPlayed: true, parsed.GetValue(SessionsVerb.Channel));
        try
        {
            await new TranscriptPrinter(view).PrintAsync(source.ReadAsync(session, follow: true, stop), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        return ExitCode.Ok;
    }
}
