using System.Diagnostics;
using Sallyport.Testing.Processes;

namespace Sallyport.Testing.Gateway;

/// <summary>
/// The gateway's program as users run it: the one that was built with the tests, or a published one whose absolute path stands in
/// <c>SALLYPORT_PROGRAM</c>.
/// </summary>
public static class GatewayProgram
{
    private static readonly string Default =
        Environment.GetEnvironmentVariable("SALLYPORT_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "sallyport.dll");

    /// <summary>Runs a verb to its end.</summary>
    public static Task<CommandResult> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken cancellation = default)
    {
        var (program, all) = Line(Default, arguments);
        return Command.RunAsync(program, all, environment, cancellation: cancellation);
    }

    /// <summary>Starts what stays; <paramref name="path"/> is another program than the default one.</summary>
    public static Process Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment, string? path)
    {
        var (program, all) = Line(path ?? Default, arguments);
        return Command.Start(program, all, environment);
    }

    private static (string Program, IReadOnlyList<string> Arguments) Line(string path, IReadOnlyList<string> arguments) =>
        path.EndsWith(".dll", StringComparison.Ordinal) ? ("dotnet", [path, .. arguments]) : (path, arguments);
}
