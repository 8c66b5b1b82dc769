using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Tools;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>Many clients in a closed loop, by one tool.</summary>
public sealed class Throughput : IWorkload
{
    private readonly ILoadTool _tool;
    private readonly int _clients;
    private readonly QueryMode _mode;
    private readonly Metric _rate;
    private readonly Metric _p99;
    private readonly Metric _cpu;

    /// <param name="name">For --workloads.</param>
    /// <param name="load">What the metrics are called after, e.g. "16 clients".</param>
    /// <param name="tool">Who puts the load on.</param>
    /// <param name="clients">Connections.</param>
    /// <param name="mode">The protocol of the transactions.</param>
    public Throughput(string name, string load, ILoadTool tool, int clients, QueryMode mode = QueryMode.Prepared)
    {
        (Name, _tool, _clients, _mode) = (name, tool, clients, mode);
        _rate = new Metric($"throughput, {load}", "tx/s", 0, IsRate: true);
        _p99 = new Metric($"p99, {load}", "us", 0);
        _cpu = new Metric($"proxy CPU per tx, {load}", "us", 1);
    }

    public string Name { get; }

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var subject in stage.Real)
        {
            var result = await _tool.RunAsync(subject, new LoadPlan(_clients, _mode, stage.Options.Window));
            results.Add(subject.Name, _rate, result.TransactionsPerSecond);
            results.Add(subject.Name, _p99, Latencies.Microseconds(result.Latencies, 99));
            if (subject.ProcessId is not null && result.CpuPerTransaction is { } cpu)
                results.Add(subject.Name, _cpu, cpu.TotalMicroseconds);
            await stage.SettleAsync();
        }
    }
}
