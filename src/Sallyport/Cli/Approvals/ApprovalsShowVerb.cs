using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Approvals;

/// <summary><c>approvals show ID</c>: everything an approver has to know.</summary>
internal static class ApprovalsShowVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("show", "One hold, whole.") { ApprovalsVerb.Id, CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var hold = await gateway.GetAsync<HoldMessage>(ApprovalsVerb.Path(parsed), stop);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, hold);
        else
            HoldPrinter.Print(cli, hold);
        return ExitCode.Ok;
    }
}
