using System.Globalization;

namespace Sallyport.Benchmarks.Rates;

/// <summary>
/// What threads of this process spent, as the kernel counts it. A busy machine changes the time that passes more than this.
/// </summary>
internal static class ThreadClock
{
    private const string SleepsLine = "voluntary_ctxt_switches:";

    /// <summary>Nanoseconds the calling thread was on a processor.</summary>
    public static long Mine()
    {
        // The kernel brings its count of a running thread up to date when it looks for another one to run.
        Thread.Yield();
        return FirstNumber(File.ReadAllText("/proc/thread-self/schedstat"));
    }

    /// <summary>Nanoseconds on a processor and times it gave one up by itself, of the thread with this name.</summary>
    public static (long Nanoseconds, long Sleeps) Of(string name)
    {
        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() != name)
                continue;
            var status = File.ReadLines(Path.Combine(task, "status"));
            var sleeps = status.First(static line => line.StartsWith(SleepsLine, StringComparison.Ordinal));
            return (FirstNumber(File.ReadAllText(Path.Combine(task, "schedstat"))), FirstNumber(sleeps[SleepsLine.Length..]));
        }
        throw new InvalidOperationException($"There is no thread {name}.");
    }

    private static long FirstNumber(string text) =>
        long.Parse(text.Split(' ', StringSplitOptions.TrimEntries)[0], CultureInfo.InvariantCulture);
}
