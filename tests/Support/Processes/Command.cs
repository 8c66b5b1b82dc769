using System.Diagnostics;

namespace Sallyport.Testing.Processes;

/// <summary>What a finished program said.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>This result, or an exception carrying everything the program said when it failed.</summary>
    public CommandResult OrThrow(string doing) => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"{doing} failed with exit code {ExitCode}\n{Error}\n{Output}");
}

/// <summary>Runs programs to their end, and starts ones that stay, always under the <see cref="Reaper"/>.</summary>
public static class Command
{
    /// <summary>Runs a program with an optional text on its stdin; kills its whole tree when cancelled.</summary>
    public static async Task<CommandResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string input = "",
        CancellationToken cancellation = default)
    {
        using var process = Start(program, arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellation);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        finally
        {
            Reaper.Forget(process.Id);
        }
    }

    /// <summary>Sends a signal, by the shell's own kill: a small Debian has no program of that name.</summary>
    public static async Task SignalAsync(int process, string signal) =>
        (await RunAsync("/bin/sh", ["-c", "kill -s \"$1\" \"$2\"", "sh", signal, process.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            .OrThrow($"kill -{signal}");

    /// <summary>Starts a program with all three streams redirected; dies with the test process.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        Reaper.Watch(process.Id);
        return process;
    }
}
