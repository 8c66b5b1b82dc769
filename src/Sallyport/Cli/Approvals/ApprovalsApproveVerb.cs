using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Approvals;

/// <summary><c>approvals approve ID</c>: shows the hold and asks, so that what is approved is what was read.</summary>
internal static class ApprovalsApproveVerb
{
    private static readonly Option<TimeSpan?> Grant =
        Durations.Option("--for", "Let commands like it of the same session pass for so long.");

    public static Command Create(CliContext cli)
    {
        var command = new Command("approve", "Let it run.") { ApprovalsVerb.Id, ApprovalsVerb.Reason, Grant, CommonOptions.Yes,
            CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var hold = await gateway.GetAsync<HoldMessage>(ApprovalsVerb.Path(parsed), stop);
        if (!parsed.GetValue(CommonOptions.Yes))
        {
            HoldPrinter.Print(cli, hold);
            if (!cli.Confirm("Let it run?"))
                return ExitCode.Failed;
        }
        var request = new ApproveRequest(hold.Revision, parsed.GetValue(ApprovalsVerb.Reason), (long?)parsed.GetValue(Grant)?.TotalSeconds);
        return await ApprovalsVerb.DecideAsync(parsed, cli, gateway, "approve", request, stop);
    }
}
