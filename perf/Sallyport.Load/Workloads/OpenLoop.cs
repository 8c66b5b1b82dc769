using System.Globalization;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Tools;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>
/// Transactions that are due at one fixed rate for all subjects, half of what haproxy gives in a closed loop. Latency counts from when a
/// transaction was due, so what waits behind a slow one counts too.
/// </summary>
public sealed class OpenLoop : IWorkload
{
    private const int Clients = 16;
    private const string Load = "open loop";

    private static readonly (double Percentile, Metric Metric)[] Percentiles =
    [
        (50, new Metric("p50, open loop", "us", 1)),
        (99, new Metric("p99, open loop", "us", 0)),
        (99.9, new Metric("p99.9, open loop", "us", 0)),
    ];

    private readonly ILoadTool _tool;
    private double? _rate;

    public OpenLoop(ILoadTool tool)
    {
        _tool = tool;
    }

    public string Name => "open";

    public async Task RunAsync(Stage stage, Results results)
    {
        var plan = new LoadPlan(Clients, QueryMode.Prepared, stage.Options.Window);
        if (_rate is null)
        {
            var measure = stage.Real.Find(subject => subject.Name == "haproxy") ?? stage.Real[0];
            _rate = Math.Round((await _tool.RunAsync(measure, plan)).TransactionsPerSecond / 2);
        }

        results.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"open loop: {_rate} tx/s, {Clients} clients"));
        foreach (var subject in stage.Real)
        {
            var result = await _tool.RunAsync(subject, plan with { PerSecond = _rate });
            foreach (var (percentile, metric) in Percentiles)
                results.Add(subject.Name, metric, Latencies.Microseconds(result.Latencies, percentile));
            results.Add(subject.Name, Load, result.Latencies);
        }
    }
}
