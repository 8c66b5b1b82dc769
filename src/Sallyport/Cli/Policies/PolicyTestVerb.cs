using System.CommandLine;
using Sallyport.Core;
using Sallyport.Hosting.Assembly;

namespace Sallyport.Cli.Policies;

/// <summary><c>policy test</c>: runs the <c>tests</c> of the policy file. Answers 1 when one fails, 5 when a file is wrong.</summary>
internal static class PolicyTestVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("test", "Run the policy's own tests.") { CommonOptions.Json };
        command.SetAction(parsed => Run(parsed, cli));
        return command;
    }

    private static int Run(ParseResult parsed, CliContext cli)
    {
        var options = PolicyReading.Configuration(parsed);
        var (load, failures) = PolicyReading.Of(options.Policy, PolicyFiles.Context(options), cli.Time);
        if (parsed.GetValue(CommonOptions.Json))
        {
            JsonOutput.Write(cli, new PolicyTestMessage(load.Tests.Length, failures, load.Errors));
        }
        else
        {
            foreach (var problem in load.Errors.Concat(failures))
                cli.Error.WriteLine(SafeText.Escape(problem.ToString()));
            if (load.Snapshot is not null)
                cli.Line($"{load.Tests.Length} tests, {failures.Length} failed");
        }
        if (load.Snapshot is null)
            return ExitCode.BadConfiguration;
        return failures.IsEmpty ? ExitCode.Ok : ExitCode.Failed;
    }
}
