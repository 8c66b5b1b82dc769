using System.CommandLine;
using Sallyport.Hosting;
using Sallyport.Hosting.Assembly;
using Sallyport.Hosting.Configuration;
using Sallyport.Telemetry;

namespace Sallyport.Cli;

/// <summary><c>sallyport serve</c>: runs the gateway until it is told to stop.</summary>
internal static class ServeVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("serve", "Run the gateway.");
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var loggers = ConsoleLogging.Create(!Console.IsErrorRedirected);
        try
        {
            await using var gateway = await GatewayAssembly.StartAsync(ConfigurationFile.Load(parsed.GetValue(CommonOptions.Config)!),
                loggers, cli.Time, stop);
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCode.Ok;
        }
        catch (StartFailure failure)
        {
            throw CliFailure.Of(failure);
        }
    }
}
