using System.Collections.Immutable;
using System.CommandLine;
using Sallyport.Hosting;
using Sallyport.Hosting.Assembly;
using Sallyport.Hosting.Configuration;
using Sallyport.Policy;
using Sallyport.Policy.Testing;
using Sallyport.Policy.Yaml;
using Sallyport.Postgres.Sql;

namespace Sallyport.Cli.Policies;

/// <summary>The policy file, read as <c>serve</c> would read it. <see cref="Failures"/> are those of its own tests.</summary>
internal sealed record PolicyReading(PolicyLoad Load, ImmutableArray<YamlProblem> Failures)
{
    /// <summary>Reads the policy and runs its tests, when it can be read and <paramref name="context"/> knows the resources.</summary>
    public static PolicyReading Of(string path, PolicyContext context, TimeProvider time)
    {
        var load = Read(path, context);
        if (load.Snapshot is not { } snapshot || context.Resources is not { } resources)
            return new PolicyReading(load, []);
        using var sql = SqlReader.Create(new SqlReaderOptions { Time = time });
        return new PolicyReading(load, PolicyTests.Run(snapshot, load.Tests, resources, (kind, text) => PolicyFiles.Read(sql, kind, text)));
    }

    /// <summary>The configuration of <c>--config</c>.</summary>
    /// <exception cref="CliFailure">It is wrong.</exception>
    public static GatewayOptions Configuration(ParseResult parsed)
    {
        try
        {
            return ConfigurationFile.Load(parsed.GetValue(CommonOptions.Config)!);
        }
        catch (StartFailure failure)
        {
            throw CliFailure.Of(failure);
        }
    }

    /// <summary>The policy without its tests.</summary>
    /// <exception cref="CliFailure">It has errors.</exception>
    public static PolicySnapshot Snapshot(GatewayOptions options)
    {
        var load = Read(options.Policy, PolicyFiles.Context(options));
        return load.Snapshot ?? throw new CliFailure(ExitCode.BadConfiguration, $"the policy is not in order:\n{string.Join('\n', load.Errors)}", "Correct the file.");
    }

    private static PolicyLoad Read(string path, PolicyContext context)
    {
        try
        {
            return PolicyFile.Read(path, File.ReadAllBytes(path), context);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new PolicyLoad(null, [], [new YamlProblem(path, 1, 1, "", $"cannot be read: {e.Message}")], []);
        }
    }
}
