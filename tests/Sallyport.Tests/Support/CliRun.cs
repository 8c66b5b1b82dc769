using Sallyport.Cli;

namespace Sallyport.Tests.Support;

/// <summary>One run of the command line in this process: its exit code and what it printed.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    public static async Task<CliRun> RunAsync(string[] args, string input = "", bool canAsk = false, bool isTerminal = false)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var answers = new StringReader(input);
        var cli = new CliContext
        {
            Out = output,
            Error = error,
            In = answers,
            CanAsk = canAsk,
            IsTerminal = isTerminal,
            Variable = static _ => null,
        };
        var code = await CommandTree.RunAsync(args, cli, CancellationToken.None);
        return new CliRun(code, output.ToString(), error.ToString());
    }
}
