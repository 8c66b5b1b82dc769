using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>Clients that ask for a large answer and read nothing: what that does to another client, and to the proxy's memory.</summary>
public sealed class SlowConsumers : IWorkload
{
    private const int Consumers = 16;

    private static readonly Metric Beside = new("p99, 1 client beside 16 slow consumers", "us", 1);
    private static readonly Metric Slower = new("p99 beside 16 slow consumers, times the p99 alone", "x", 2);
    private static readonly Metric Growth = new("memory at its peak per slow consumer", "kB", 0);

    public string Name => "slow";

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var subject in stage.Real)
        {
            var slow = new List<LoadConnection>();
            try
            {
                using var other = await LoadConnection.OpenAsync(subject.Target);
                _ = Latency.Measure(other, stage.Options.Transactions / 5);
                var alone = Latencies.Microseconds(Latency.Measure(other, stage.Options.Transactions), 99);
                subject.Meter.ForgetPeak();
                var before = subject.Meter.ResidentKilobytes();
                for (var i = 0; i < Consumers; i++)
                {
                    slow.Add(await LoadConnection.OpenForStreamsAsync(subject.Target));
                    slow[^1].AskAndIgnore(CannedUpstream.Wide);
                }

                // Until every buffer on the way is full.
                await Task.Delay(500);
                var beside = Latencies.Microseconds(Latency.Measure(other, stage.Options.Transactions), 99);
                results.Add(subject.Name, Beside, beside);
                results.Add(subject.Name, Slower, beside / alone);
                if (subject.ProcessId is not null)
                    results.Add(subject.Name, Growth, (subject.Meter.PeakKilobytes() - before) / (double)Consumers);
            }
            finally
            {
                slow.ForEach(connection => connection.Dispose());
            }

            await stage.SettleAsync();
        }
    }
}
