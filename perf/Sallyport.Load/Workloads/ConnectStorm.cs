using System.Diagnostics;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>Clients that connect, log in by SCRAM, run one query, say goodbye, and come again, sixteen at a time.</summary>
public sealed class ConnectStorm : IWorkload
{
    private const int AtOnce = 16;

    private static readonly Metric Rate = new("connects with login and one query, 16 at a time", "1/s", 0, IsRate: true);
    private static readonly Metric Cpu = new("proxy CPU per connect", "us", 0);

    public string Name => "storm";

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var subject in stage.Real)
        {
            await stage.SettleAsync();
            var (cpu, started) = (subject.Meter.CpuTime(), Stopwatch.GetTimestamp());
            var clients = Enumerable.Range(0, AtOnce).Select(_ => ComeAndGoAsync(subject, started, stage.Options.Window));
            var counts = await Task.WhenAll(clients);
            var (connects, elapsed) = (counts.Sum(), Stopwatch.GetElapsedTime(started));
            cpu = subject.Meter.CpuTime() - cpu;
            results.Add(subject.Name, Rate, connects / elapsed.TotalSeconds);
            if (subject.ProcessId is not null)
                results.Add(subject.Name, Cpu, cpu.TotalMicroseconds / connects);
        }

        await stage.SettleAsync();
    }

    private static async Task<int> ComeAndGoAsync(Subject subject, long started, TimeSpan window)
    {
        var count = 0;
        for (; Stopwatch.GetElapsedTime(started) < window; count++)
        {
            await using var client = await RawPostgresClient.LoginAsync(subject.Target);
            await client.QueryAsync(Transaction.Statement + "1");
            await client.SendAsync(Messages.Terminate());
        }

        return count;
    }
}
