using System.CommandLine;
using Sallyport.Hosting;
using Sallyport.Hosting.Assembly;
using Sallyport.Telemetry;

namespace Sallyport.Cli.Demo;

/// <summary>
/// <c>sallyport demo</c>: a database of its own, a gateway before it, and lines to paste. All of it ends with this process; its
/// folder stays, and the next start goes on with it.
/// </summary>
internal static class DemoVerb
{
    private static readonly Option<string> Data = new("--data")
    {
        Description = "The demo's folder. Remove it to begin anew.",
        HelpName = "FOLDER",
        DefaultValueFactory = static _ => "./sallyport-demo",
    };

    private static readonly Option<int?> Port = new("--port") { Description = "The gateway's port. Default: 6432, or a free one.", HelpName = "N" };

    public static Command Create(CliContext cli)
    {
        var command = new Command("demo", "Try it here: a seeded database, a gateway before it, and lines to paste.") { Data, Port };
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        var folder = new DemoFolder(parsed.GetRequiredValue(Data));
        folder.Prepare();
        using var mine = folder.Lock();
        var programs = await PostgresPrograms.FindOrInstallAsync(cli, stop);
        await StaleServer.EndAsync(folder, stop);
        try
        {
            var ports = DemoPorts.Choose(folder, parsed.GetValue(Port));
            DemoFiles.Write(folder, ports);
            await using var database = new DemoDatabase(programs, folder, ports.Database);
            await database.StartAsync(cli, stop);
            using var loggers = ConsoleLogging.Create(isTerminal: true, LogLevel.Warning);
            await using var gateway = await GatewayAssembly.StartAsync(ports.ApplyTo(folder), loggers, cli.Time, stop);
            using var holds = gateway.Holds.Subscribe(capacity: 64);
            var page = new DemoPage(cli, folder, ports, PostgresPrograms.Client(programs, cli));
            page.Print();
            await page.FollowAsync(holds, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cli.Error.WriteLine("demo: stopping");
        }
        catch (StartFailure failure)
        {
            throw CliFailure.Of(failure);
        }
        cli.Error.WriteLine($"demo: stopped; {folder.Shown} keeps its state for the next start");
        return ExitCode.Ok;
    }
}
