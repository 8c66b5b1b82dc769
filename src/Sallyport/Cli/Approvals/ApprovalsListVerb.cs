using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Approvals;

/// <summary><c>approvals list</c>.</summary>
internal static class ApprovalsListVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("list", "What waits now.") { CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var holds = await gateway.GetAsync<List<HoldMessage>>("/v1/approvals", stop);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, holds);
        else
            TableOutput.Write(cli, ["ID", "STATE", "WHO", "ON", "RULE", "LEFT", "COMMAND"], holds.Select(Row));
        return ExitCode.Ok;
    }

    private static string?[] Row(HoldMessage hold) =>
    [
        hold.Id,
        hold.State.ToString().ToLowerInvariant(),
        hold.OnBehalfOf is null ? hold.Principal : $"{hold.Principal} for {hold.OnBehalfOf}",
        hold.Resource,
        hold.Rule,
        Durations.Show(TimeSpan.FromSeconds(hold.RemainingSeconds)),
        hold.Text,
    ];
}
