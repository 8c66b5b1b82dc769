using System.CommandLine;
using System.CommandLine.Parsing;
using Sallyport.Cli.Approvals;
using Sallyport.Cli.Demo;
using Sallyport.Cli.Policies;
using Sallyport.Cli.Secrets;
using Sallyport.Cli.Sessions;
using Sallyport.Core;

namespace Sallyport.Cli;

/// <summary>All verbs, and the one place where their failures become a line and an exit code.</summary>
internal static class CommandTree
{
    public static async Task<int> RunAsync(string[] args, CliContext cli, CancellationToken stop)
    {
        var parsed = Build(cli).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                cli.Error.WriteLine($"sallyport: {SafeText.Escape(error.Message)}");
            cli.Error.WriteLine($"  See {PathOf(parsed, cli)} --help.");
            return ExitCode.Usage;
        }
        try
        {
            var settings = new InvocationConfiguration
            {
                Output = cli.Out,
                Error = cli.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(settings, stop);
        }
        catch (CliFailure failure)
        {
            cli.Report(failure);
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    public static RootCommand Build(CliContext cli)
    {
        var root = new RootCommand("Sallyport reads every command between clients and infrastructure, decides, masks and records.\n" +
            ExitCode.Help);
        root.Options.Add(CommonOptions.Config);
        foreach (var verb in Verbs(cli))
            root.Subcommands.Add(verb);
        return root;
    }

    private static IEnumerable<Command> Verbs(CliContext cli) =>
    [
        DemoVerb.Create(cli),
        ServeVerb.Create(cli),
        CheckVerb.Create(cli),
        PolicyVerb.Create(cli),
        ApprovalsVerb.Create(cli),
        SessionsVerb.Create(cli),
        SecretsVerb.Create(cli),
    ];

    private static string PathOf(ParseResult parsed, CliContext cli)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
            names.Push(command.Command.Name);
        return string.Join(' ', names.Prepend(cli.Self));
    }
}
