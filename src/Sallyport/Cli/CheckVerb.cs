using System.CommandLine;
using Sallyport.Cli.Policies;
using Sallyport.Core;
using Sallyport.Hosting;
using Sallyport.Hosting.Assembly;
using Sallyport.Hosting.Configuration;
using Sallyport.Policy;
using Sallyport.Policy.Yaml;

namespace Sallyport.Cli;

/// <summary><c>sallyport check</c>: reads configuration and policy as <c>serve</c> would, and starts nothing.</summary>
internal static class CheckVerb
{
    public static Command Create(CliContext cli)
    {
        var command = new Command("check", "Read the configuration and the policy and say everything that is wrong with them.")
        {
            CommonOptions.Json,
        };
        command.SetAction(parsed => Run(parsed, cli));
        return command;
    }

    private static int Run(ParseResult parsed, CliContext cli)
    {
        var path = parsed.GetValue(CommonOptions.Config)!;
        GatewayOptions? options;
        IReadOnlyList<YamlProblem> problems;
        try
        {
            options = ConfigurationFile.Read(path, out problems);
        }
        catch (StartFailure failure)
        {
            throw CliFailure.Of(failure);
        }
        var policy = ReadPolicy(path, options, cli);
        List<YamlProblem> errors = [.. problems, .. policy?.Load.Errors ?? [], .. policy?.Failures ?? []];
        List<YamlProblem> warnings = [.. policy?.Load.Warnings ?? []];
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, new CheckMessage(errors, warnings));
        else
            Print(cli, errors, warnings);
        if (options is null || policy is null || errors.Count > 0)
            return ExitCode.BadConfiguration;
        if (!parsed.GetValue(CommonOptions.Json))
        {
            cli.Line($"{path} is right: {options.Resources.Length} resources, {options.Identity.Principals.Count} principals, " +
                $"{policy.Load.Tests.Length} policy tests pass");
        }
        return ExitCode.Ok;
    }

    /// <summary>A configuration that is wrong elsewhere still tells where its policy is, but not which names are known.</summary>
    private static PolicyReading? ReadPolicy(string path, GatewayOptions? options, CliContext cli)
    {
        if (options is not null)
            return PolicyReading.Of(options.Policy, PolicyFiles.Context(options), cli.Time);
        return ConfigurationFile.FindPolicy(path) is { } policy ? PolicyReading.Of(policy, PolicyContext.Unknown, cli.Time) : null;
    }

    private static void Print(CliContext cli, List<YamlProblem> errors, List<YamlProblem> warnings)
    {
        foreach (var error in errors)
            cli.Error.WriteLine(SafeText.Escape(error.ToString()));
        foreach (var warning in warnings)
            cli.Error.WriteLine($"warning: {SafeText.Escape(warning.ToString())}");
    }
}
