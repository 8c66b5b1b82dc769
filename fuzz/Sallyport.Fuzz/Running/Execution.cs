using System.Diagnostics;
using System.IO.Hashing;

namespace Sallyport.Fuzz;

/// <summary>One input given to a target, within bounds of time and memory.</summary>
internal static class Execution
{
    private const long MostAllocated = 64 << 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with the target; null when all promises held.</summary>
    public static Exception? Run(IFuzzTarget target, byte[] input)
    {
        var broken = Run(target, input, out var time);
        // A busy machine makes anything slow: only the processor's time counts, and only if it takes as long again.
        if (broken is not null || time <= Longest)
            return broken;
        var before = Environment.CpuUsage.TotalTime;
        broken = Run(target, input, out time);
        var used = Environment.CpuUsage.TotalTime - before;
        return broken ?? (time > Longest && used > Longest ? new TimeoutException($"it took {used.TotalSeconds:F1} s") : null);
    }

    private static Exception? Run(IFuzzTarget target, byte[] input, out TimeSpan time)
    {
        var random = new Random(unchecked((int)XxHash3.HashToUInt64(input)));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.GetTimestamp();
        Exception? broken = null;
        try
        {
            target.Check(input, random);
        }
        catch (Exception e)
        {
            broken = e;
        }
        time = Stopwatch.GetElapsedTime(clock);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return broken ?? (allocated > MostAllocated ? new InvalidOperationException($"it allocated {allocated >> 20} MB") : null);
    }
}
