using System.Globalization;
using System.Runtime.InteropServices;

namespace Sallyport.Load.Measuring;

/// <summary>What the kernel says about one process; nothing for no process.</summary>
public sealed class ProcessMeter
{
    private readonly int? _processId;
    private readonly int _clock;

    public ProcessMeter(int? processId)
    {
        _processId = processId;
        if (processId is { } id && clock_getcpuclockid(id, ref _clock) is not 0 and var error)
            throw new InvalidOperationException($"Process {id} has no CPU clock: error {error}.");
    }

    /// <summary>
    /// CPU time of the process so far, by its clock (clock_getcpuclockid(3)): in nanoseconds, and with the threads that have ended, which
    /// /proc/PID/task forgets.
    /// </summary>
    public TimeSpan CpuTime()
    {
        if (_processId is null)
            return TimeSpan.Zero;
        Span<long> time = [0, 0];
        if (clock_gettime(_clock, ref time[0]) != 0)
            throw new InvalidOperationException($"Process {_processId} is gone.");
        return TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / TimeSpan.NanosecondsPerTick);
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

#pragma warning disable IDE1006, SYSLIB1054 // The C library's names; blittable arguments need no generated marshalling.
    [DllImport("libc")]
    private static extern int clock_getcpuclockid(int process, ref int clock);

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, ref long time);
#pragma warning restore IDE1006, SYSLIB1054
}
