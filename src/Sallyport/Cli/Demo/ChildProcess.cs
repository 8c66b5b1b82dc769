using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Sallyport.Cli.Demo;

/// <summary>Runs a program to its end and keeps what it said.</summary>
internal static class ChildProcess
{
    public static async Task<ChildResult> RunAsync(string[] command, IReadOnlyDictionary<string, string>? variables, CancellationToken stop)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
            await process.WaitForExitAsync(stop);
            return new ChildResult(process.ExitCode, await output, await error);
        }
        catch (Win32Exception e)
        {
            throw new CliFailure(ExitCode.MissingProgram, $"{command[0]} does not start: {e.Message}", "Install it and try again.");
        }
    }

    /// <summary>By the shell's own kill: a small Debian has no program of that name.</summary>
    public static Task SignalAsync(int process, string signal, CancellationToken stop) =>
        RunAsync(["/bin/sh", "-c", "kill -s \"$1\" \"$2\"", "sh", signal, process.ToString(CultureInfo.InvariantCulture)], null, stop);
}

/// <summary>How a program ended.</summary>
internal sealed record ChildResult(int ExitCode, string Out, string Error)
{
    public bool IsOk => ExitCode == 0;

    /// <summary>What it said last, which with most programs is why it failed.</summary>
    public string LastLine => (Error.Length > 0 ? Error : Out).TrimEnd().Split('\n')[^1];
}
