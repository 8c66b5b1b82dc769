using System.CommandLine;
using Sallyport.Hosting.Configuration;

namespace Sallyport.Cli;

/// <summary><c>sallyport check</c>: reads the configuration as <c>serve</c> would and starts nothing.</summary>
internal static class CheckVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("check", "Read the configuration and say everything that is wrong with it.") { CommonOptions.Json };
        command.SetAction(parsed => Run(parsed, cli));
        return command;
    }

    private static int Run(ParseResult parsed, CliContext cli)
    {
        var path = parsed.GetValue(CommonOptions.Config)!;
        var options = ConfigurationFile.Read(path, out var problems);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, problems);
        else if (options is not null)
            cli.Line($"{path} is right: {options.Resources.Length} resources, {options.Identity.Principals.Count} principals");
        else
            foreach (var problem in problems)
                cli.Error.WriteLine(Printing.SafeText.Escape(problem.ToString()));
        return options is null ? ExitCode.BadConfiguration : ExitCode.Ok;
    }
}
