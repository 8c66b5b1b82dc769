using System.CommandLine;
using Sallyport.Core;
using Sallyport.Hosting.Assembly;
using Sallyport.Hosting.Configuration;
using Sallyport.Policy;
using Sallyport.Postgres.Sql;
using Sallyport.Printing;

namespace Sallyport.Cli.Policies;

/// <summary><c>policy explain --as NAME --on RESOURCE "sql"</c>: why a command would get its verdict. Runs nothing.</summary>
internal static class PolicyExplainVerb
{
    private static readonly Argument<string> Text = new("command") { Description = "The command, such as \"select * from orders\"." };
    private static readonly Option<string> On = new("--on") { Description = "The resource.", HelpName = "RESOURCE", Required = true };

    public static Command Create(CliContext cli)
    {
        var command = new Command("explain", "Say why a command is allowed, held or denied.") { Text, On, CommonOptions.Json };
        ExplainedPrincipal.AddTo(command);
        command.SetAction(parsed => Run(parsed, cli));
        return command;
    }

    private static int Run(ParseResult parsed, CliContext cli)
    {
        var options = PolicyReading.Configuration(parsed);
        var resource = FindResource(options, parsed.GetRequiredValue(On));
        var principal = ExplainedPrincipal.Of(parsed, options);
        var snapshot = PolicyReading.Snapshot(options);
        using var sql = SqlReader.Create(new SqlReaderOptions { Time = cli.Time });
        var facts = PolicyFiles.Read(sql, resource.Kind, parsed.GetRequiredValue(Text));
        var explanation = PolicyExplanation.Of(snapshot, facts, principal, resource, names: null);
        if (parsed.GetValue(CommonOptions.Json))
        {
            JsonOutput.Write(cli, ExplainMessage.From(explanation, facts, principal));
            return ExitCode.Ok;
        }
        using var lines = new SafeLineWriter(cli.Out);
        explanation.Write(lines);
        return ExitCode.Ok;
    }

    private static Resource FindResource(GatewayOptions options, string name) =>
        options.Resources.FirstOrDefault(r => r.Name == name) ?? throw new CliFailure(ExitCode.Usage, $"there is no resource \"{name}\".",
            $"The configuration has {string.Join(", ", options.Resources.Select(static r => r.Name))}.");
}
