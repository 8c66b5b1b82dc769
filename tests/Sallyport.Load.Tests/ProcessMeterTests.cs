using System.Diagnostics;
using Sallyport.Load.Measuring;

namespace Sallyport.Load.Tests;

public sealed class ProcessMeterTests
{
    [Fact]
    public void A_thread_that_ended_does_not_take_its_time_along()
    {
        var meter = new ProcessMeter(Environment.ProcessId);
        var before = meter.CpuTime();

        var thread = new Thread(() =>
        {
            // By the process's own clock: on a busy machine time passes without work.
            while (meter.CpuTime() - before < TimeSpan.FromMilliseconds(100))
                Thread.SpinWait(1000);
        });
        thread.Start();
        thread.Join();

        Assert.True(meter.CpuTime() - before >= TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void The_peak_is_at_least_what_is_resident()
    {
        var meter = new ProcessMeter(Environment.ProcessId);

        Assert.InRange(meter.ResidentKilobytes(), 1, meter.PeakKilobytes());
    }

    [Fact]
    public void No_process_costs_nothing() => Assert.Equal(TimeSpan.Zero, new ProcessMeter(null).CpuTime());

    [Fact]
    public void A_process_that_is_not_there_is_said_so()
    {
        using var gone = Process.Start("true");
        gone.WaitForExit();

        Assert.Throws<InvalidOperationException>(() => new ProcessMeter(gone.Id));
    }
}
