using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions show ID</c>: who, where, when, and the last commands.</summary>
internal static class SessionsShowVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("show", "One session and its commands.") { SessionsVerb.Recorded, CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var records = new GatewayRecords(gateway);
        var id = await records.FindAsync(parsed.GetRequiredValue(SessionsVerb.Recorded), stop);
        var session = await gateway.GetAsync<SessionMessage>($"/v1/sessions/{id}", stop);
        if (parsed.GetValue(CommonOptions.Json))
        {
            JsonOutput.Write(cli, session);
            return ExitCode.Ok;
        }
        cli.Line($"session   {session.Id} ({session.Protocol})");
        cli.Line($"who       {session.Principal}{(session.OnBehalfOf is { } owner ? $" on behalf of {owner}" : "")}");
        cli.Line($"resource  {session.Resource}");
        cli.Line($"client    {session.Client}");
        cli.Line($"opened    {session.OpenedAt:u}");
        cli.Line(session.EndedAt is { } ended ? $"ended     {ended:u}: {session.End}" : "ended     no, it is live");
        var view = new TranscriptView { Output = cli.Out, Form = TranscriptForm.Commands };
        await new TranscriptPrinter(view).PrintAsync(records.ReadAsync(id, follow: false, stop), stop);
        return ExitCode.Ok;
    }
}
