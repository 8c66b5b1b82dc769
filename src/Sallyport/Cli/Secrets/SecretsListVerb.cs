using System.CommandLine;
using System.Globalization;
using Sallyport.Admin;

namespace Sallyport.Cli.Secrets;

/// <summary><c>secrets list</c>: live ones, newest first, those the caller may see.</summary>
internal static class SecretsListVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("list", "Live secrets, newest first.") { CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var secrets = await gateway.GetAsync<List<SecretMessage>>("/v1/secrets", stop);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, secrets);
        else
            TableOutput.Write(cli, ["ID", "WHO", "ON", "ISSUED", "EXPIRES", "USE"], secrets.Select(Row));
        return ExitCode.Ok;
    }

    private static string?[] Row(SecretMessage secret) =>
    [
        secret.Id,
        secret.Login,
        secret.Scope.Count == 0 ? "all" : string.Join(' ', secret.Scope),
        secret.IssuedAt.ToString("u", CultureInfo.InvariantCulture),
        secret.ExpiresAt.ToString("u", CultureInfo.InvariantCulture),
        secret.UsedAt is not null ? "used" : secret.Once ? "once" : "any",
    ];
}
