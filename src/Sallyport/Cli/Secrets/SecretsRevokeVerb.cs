using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Secrets;

/// <summary><c>secrets revoke ID</c>: its sessions are refused from their next command on.</summary>
internal static class SecretsRevokeVerb
{
    private static readonly Argument<string> Id = new("id") { Description = "The secret's id, from secrets list." };

    public static Command Create(CliContext cli)
    {
        var command = new Command("revoke", "Make a secret useless.") { Id, CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        var id = parsed.GetRequiredValue(Id);
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var answer = await gateway.PostAsync<RevokeAnswer>($"/v1/secrets/{Uri.EscapeDataString(id)}/revoke", null, stop);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, answer);
        else
            cli.Line($"{id} was revoked");
        return ExitCode.Ok;
    }
}
