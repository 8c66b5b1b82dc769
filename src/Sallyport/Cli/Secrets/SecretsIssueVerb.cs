using System.CommandLine;
using Sallyport.Admin;
using Sallyport.Core;

namespace Sallyport.Cli.Secrets;

/// <summary><c>secrets issue NAME</c>. stdout carries the secret and nothing else, so it can go straight into a file.</summary>
internal static class SecretsIssueVerb
{
    private static readonly TimeSpan DefaultLife = TimeSpan.FromHours(8);
    private static readonly Argument<string> Login = new("name") { Description = "Whom it proves: a principal of the configuration." };
    private static readonly Option<TimeSpan?> For = Durations.Option("--for", "How long it works. Default: 8h.");
    private static readonly Option<string[]> On = new("--on")
    {
        Description = "Only for this resource; may be repeated.",
        HelpName = "RESOURCE"
    };

    private static readonly Option<bool> Once = new("--once") { Description = "Good for one login; the session it opens goes on." };

    public static Command Create(CliContext cli)
    {
        var command = new Command("issue", "Make a secret and show it once.") { Login, For, On, Once, CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        var life = parsed.GetValue(For) ?? DefaultLife;
        var request = new IssueRequest(parsed.GetRequiredValue(Login), parsed.GetValue(On) ?? [], (long)life.TotalSeconds, parsed.GetValue(Once));
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var answer = await gateway.PostAsync<IssueAnswer>("/v1/secrets", request, stop);
        if (parsed.GetValue(CommonOptions.Json))
        {
            JsonOutput.Write(cli, answer);
            return ExitCode.Ok;
        }
        cli.Line(answer.Text);
        var secret = answer.Secret;
        var use = secret.Once ? ", for one login" : "";
        cli.Error.WriteLine(SafeText.Escape($"{secret.Id} of {secret.Login}, until {secret.ExpiresAt:u}{use}. It is not shown again."));
        return ExitCode.Ok;
    }
}
