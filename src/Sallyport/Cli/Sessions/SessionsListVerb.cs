using System.CommandLine;
using System.Globalization;
using Sallyport.Admin;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions list</c>: newest first, those the caller may see.</summary>
internal static class SessionsListVerb
{
    private static readonly Option<bool> Live = new("--live") { Description = "Only those that go on." };
    private static readonly Option<string?> Principal = new("--principal") { Description = "Only of this principal.", HelpName = "NAME" };
    private static readonly Option<string?> Resource = new("--resource") { Description = "Only of this resource.", HelpName = "NAME" };
    private static readonly Option<int> Limit = new("--limit") { Description = "At most so many.", DefaultValueFactory = static _ => 50 };

    public static Command Create(CliContext cli)
    {
        var command = new Command("list", "Sessions, newest first.") { Live, Principal, Resource, Limit, CommonOptions.Json };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var path = string.Create(CultureInfo.InvariantCulture,
            $"/v1/sessions?limit={parsed.GetValue(Limit)}&live={parsed.GetValue(Live)}") +
            Filter("principal", parsed.GetValue(Principal)) + Filter("resource", parsed.GetValue(Resource));
        var sessions = await gateway.GetAsync<List<SessionMessage>>(path, stop);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, sessions);
        else
            TableOutput.Write(cli, ["ID", "WHO", "ON", "CLIENT", "OPENED", "END"], sessions.Select(Row));
        return ExitCode.Ok;
    }

    private static string Filter(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static string?[] Row(SessionMessage session) =>
    [
        session.Id,
        session.OnBehalfOf is null ? session.Principal : $"{session.Principal} for {session.OnBehalfOf}",
        session.Resource,
        session.Client,
        session.OpenedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        session.End ?? "live",
    ];
}
