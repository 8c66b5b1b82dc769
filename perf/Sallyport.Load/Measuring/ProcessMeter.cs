using System.Globalization;

namespace Sallyport.Load.Measuring;

/// <summary>What the kernel says about one process; nothing for no process.</summary>
public sealed class ProcessMeter
{
    private readonly int? _processId;

    public ProcessMeter(int? processId)
    {
        _processId = processId;
    }

    /// <summary>
    /// CPU time of all its threads so far, from /proc/PID/task/*/schedstat (nanoseconds; /proc/PID/stat counts 10 ms ticks).
    /// A thread that ends between two readings takes its time along, so pools must be warm.
    /// </summary>
    public TimeSpan CpuTime()
    {
        if (_processId is null)
            return TimeSpan.Zero;
        long nanoseconds = 0;
        foreach (var task in Directory.EnumerateDirectories($"/proc/{_processId}/task"))
        {
            try
            {
                nanoseconds += long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread ended between the listing and the reading.
            }
        }

        return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>Resident memory in kB, from /proc/PID/status.</summary>
    public long ResidentKilobytes() => Status("VmRSS:");

    /// <summary>From here on the peak counts anew.</summary>
    public void ForgetPeak()
    {
        if (_processId is not null)
            File.WriteAllText($"/proc/{_processId}/clear_refs", "5");
    }

    /// <summary>The largest resident memory in kB since <see cref="ForgetPeak"/>.</summary>
    public long PeakKilobytes() => Status("VmHWM:");

    private long Status(string name)
    {
        if (_processId is null)
            return 0;
        var line = File.ReadLines($"/proc/{_processId}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
