using System.Globalization;
using Sallyport.Testing.Processes;

namespace Sallyport.Load.Reporting;

/// <summary>What must be known of a run to believe its numbers.</summary>
/// <param name="Date">When it began.</param>
/// <param name="Commit">What was measured; "-dirty" when the clone had changes.</param>
/// <param name="Processor">The first one's name, and how many there are.</param>
/// <param name="LoadBefore">The kernel's load average over a minute when the run began: more than zero is somebody else.</param>
public sealed record Machine(DateTimeOffset Date, string Commit, string Processor, double LoadBefore)
{
    public static async Task<Machine> LookAsync() => new(DateTimeOffset.UtcNow, await CommitAsync(), ReadProcessor(), ReadLoad());

    private static async Task<string> CommitAsync()
    {
        var head = await Command.RunAsync("git", ["-C", Repository.Root, "rev-parse", "--short", "HEAD"]);
        var changes = await Command.RunAsync("git", ["-C", Repository.Root, "status", "--porcelain", "--", ".", ":!perf/history.jsonl"]);
        return head.ExitCode != 0 ? "unknown" : head.Output.Trim() + (changes.Output.Length > 0 ? "-dirty" : "");
    }

    private static string ReadProcessor()
    {
        var name = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return $"{Environment.ProcessorCount} x {name?.Split(':')[1].Trim() ?? "unknown"}";
    }

    private static double ReadLoad() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
}
