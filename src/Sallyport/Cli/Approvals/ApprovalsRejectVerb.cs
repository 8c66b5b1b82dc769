using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Approvals;

/// <summary><c>approvals reject ID</c>.</summary>
internal static class ApprovalsRejectVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("reject", "Refuse it.") { ApprovalsVerb.Id, ApprovalsVerb.Reason, CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        return await ApprovalsVerb.DecideAsync(parsed, cli, gateway, "reject",
            new RejectRequest(parsed.GetValue(ApprovalsVerb.Reason)), stop);
    }
}
