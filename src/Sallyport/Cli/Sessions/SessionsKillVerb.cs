using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions kill ID</c>. Answers 1 when the session had ended by itself.</summary>
internal static class SessionsKillVerb
{
    private static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Shown to the client and recorded.",
        HelpName = "TEXT"
    };

    public static Command Create(CliContext cli)
    {
        var command = new Command("kill", "End a live session now.") { SessionsVerb.Id, Reason, CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        var id = parsed.GetRequiredValue(SessionsVerb.Id);
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var answer = await gateway.PostAsync<KillAnswer>($"/v1/sessions/{Uri.EscapeDataString(id)}/kill",
            new KillRequest(parsed.GetValue(Reason)), stop);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, answer);
        else
            cli.Line(answer.Killed ? $"session {id} was killed" : $"session {id} had ended already");
        return answer.Killed ? ExitCode.Ok : ExitCode.Failed;
    }
}
