using System.Diagnostics;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Workloads;

/// <summary>One client, one prepared transaction after the other; once in clear, once over TLS where a subject ends it.</summary>
public sealed class Latency : IWorkload
{
    private readonly string _name;
    private readonly Func<Subject, ConnectionTarget?> _target;
    private readonly Metric _p50;
    private readonly Metric _p99;
    private readonly Metric _cpu;

    private Latency(string name, string load, Func<Subject, ConnectionTarget?> target)
    {
        (_name, Load, _target) = (name, load, target);
        _p50 = new Metric($"p50, {load}", "us", 1);
        _p99 = new Metric($"p99, {load}", "us", 1);
        _cpu = new Metric($"proxy CPU per tx, {load}", "us", 1);
    }

    public static Latency InClear { get; } = new("latency", "1 client", subject => subject.Target);

    public static Latency OverTls { get; } = new("tls", "1 client, TLS", subject => subject.TlsTarget);

    public string Name => _name;

    /// <summary>Under which its latencies are kept.</summary>
    public string Load { get; }

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var subject in stage.Real)
        {
            if (_target(subject) is not { } target)
                continue;
            using var connection = await LoadConnection.OpenAsync(target);
            _ = Measure(connection, stage.Options.Transactions / 5);
            var cpu = subject.Meter.CpuTime();
            var latencies = Measure(connection, stage.Options.Transactions);
            cpu = subject.Meter.CpuTime() - cpu;

            results.Add(subject.Name, _p50, Latencies.Microseconds(latencies, 50));
            results.Add(subject.Name, _p99, Latencies.Microseconds(latencies, 99));
            results.Add(subject.Name, Load, latencies);
            if (subject.ProcessId is not null)
                results.Add(subject.Name, _cpu, cpu.TotalMicroseconds / stage.Options.Transactions);
        }
    }

    /// <summary>The latencies of so many transactions.</summary>
    internal static HdrHistogram.LongHistogram Measure(LoadConnection connection, int transactions)
    {
        var latencies = Latencies.New();
        for (var i = 0; i < transactions; i++)
        {
            var started = Stopwatch.GetTimestamp();
            connection.Transact(i);
            Latencies.Record(latencies, Stopwatch.GetElapsedTime(started));
        }

        return latencies;
    }
}
