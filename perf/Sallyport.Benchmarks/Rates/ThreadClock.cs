using System.Globalization;

namespace Sallyport.Benchmarks.Rates;

/// <summary>What threads of this process spent, as the kernel counts it: a busy machine changes the time that passes, and hardly this.</summary>
internal static class ThreadClock
{
    /// <summary>Nanoseconds the calling thread was on a processor.</summary>
    public static long Mine()
    {
        // The kernel brings its count of a running thread up to date when it looks for another one to run.
        Thread.Yield();
        return FirstNumber(File.ReadAllText("/proc/thread-self/schedstat"));
    }

    /// <summary>Nanoseconds on a processor and times it gave one up by itself, of the thread with this name (its first 15 characters).</summary>
    public static (long Nanoseconds, long Sleeps) Of(string name)
    {
        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() != name)
                continue;
            var sleeps = File.ReadLines(Path.Combine(task, "status")).First(static line => line.StartsWith("voluntary", StringComparison.Ordinal));
            return (FirstNumber(File.ReadAllText(Path.Combine(task, "schedstat"))), FirstNumber(sleeps[(sleeps.IndexOf(':', StringComparison.Ordinal) + 1)..]));
        }
        throw new InvalidOperationException($"There is no thread {name}.");
    }

    private static long FirstNumber(string text) => long.Parse(text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
}
