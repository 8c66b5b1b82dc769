using System.CommandLine;
using Sallyport.Recording.Replay;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions replay ID</c>: what happened, in the rhythm in which it happened.</summary>
internal static class SessionsReplayVerb
{
    private static readonly TimeSpan DefaultIdleLimit = TimeSpan.FromSeconds(2);
    private static readonly Option<TimeSpan?> IdleLimit = Durations.Option("--idle-limit", "No pause is longer than this. Default: 2s.");
    private static readonly Option<bool> Step = new("--step") { Description = "Wait for Enter before each record, not for its time." };
    private static readonly Option<bool> NoWait = new("--no-wait") { Description = "Everything at once, terminals as escaped text." };

    private static readonly Option<double> Speed = MakeSpeed();

    public static Command Create(CliContext cli)
    {
        var command = new Command("replay", "Play what a session did, with its timing.")
        {
            SessionsVerb.Recorded, SessionsVerb.Channel, Speed, IdleLimit, Step, NoWait, CommonOptions.Json,
        };
        RecordSource.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static Option<double> MakeSpeed()
    {
        var speed = new Option<double>("--speed")
        {
            Description = "2 is twice as fast.",
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
        };
        speed.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 1000))
                result.AddError("--speed is a number above 0, at most 1000.");
        });
        return speed;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        var step = parsed.GetValue(Step);
        if (step && !cli.CanAsk)
            throw new CliFailure(ExitCode.Usage, "--step needs a terminal to wait for Enter.", "Say --no-wait.");
        var options = new PlaybackOptions
        {
            Speed = parsed.GetValue(NoWait) ? 0 : parsed.GetValue(Speed),
            IdleLimit = parsed.GetValue(IdleLimit) ?? DefaultIdleLimit,
            Step = step ? token => EnterAsync(cli, token) : null,
        };
        using var source = RecordSource.Open(parsed, cli);
        var session = await source.FindAsync(parsed.GetRequiredValue(SessionsVerb.Recorded), stop);
        var records = Playback.PlayAsync(source.ReadAsync(session, follow: false, stop), options, cli.Time, stop);
        var view = TranscriptView.Of(
            cli, parsed.GetValue(CommonOptions.Json), isPlayed: !parsed.GetValue(NoWait), parsed.GetValue(SessionsVerb.Channel));
        await new TranscriptPrinter(view).PrintAsync(records, stop);
        return ExitCode.Ok;
    }

    /// <summary>A console's read cannot be cancelled: it is left behind when the user stops the replay.</summary>
    private static async ValueTask EnterAsync(CliContext cli, CancellationToken stop) =>
        await Task.Run(cli.In.ReadLine, stop).WaitAsync(stop);
}
