using System.Diagnostics;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Workloads;

/// <summary>One large answer through one connection; megabytes are those the client received, so masks that shorten count less.</summary>
public sealed class Streaming : IWorkload
{
    private readonly string _sql;
    private readonly Func<Stage, IEnumerable<(Subject Subject, ConnectionTarget? Target)>> _subjects;
    private readonly Metric _rate;
    private readonly Metric _cpu;

    private Streaming(string name, string what, string sql, Func<Stage, IEnumerable<(Subject, ConnectionTarget?)>> subjects)
    {
        (Name, _sql, _subjects) = (name, sql, subjects);
        _rate = new Metric(what, "MB/s", 0, IsRate: true);
        _cpu = new Metric($"proxy CPU, {what}", "s/GB", 2);
    }

    /// <summary>The canned upstream answers from memory: what limits is the proxy.</summary>
    public static Streaming FromMemory { get; } = new("canned", "streaming from memory", CannedUpstream.Wide,
        stage => stage.BeforeCanned.Select(subject => (subject, (ConnectionTarget?)subject.Target)));

    public static Streaming FromMemoryOverTls { get; } = new("tls", "streaming from memory, TLS", CannedUpstream.Wide,
        stage => stage.BeforeCanned.Select(subject => (subject, subject.TlsTarget)));

    public static Streaming FromPostgres { get; } = new("streaming", "streaming from PostgreSQL", CannedUpstream.Wide,
        stage => stage.Real.Select(subject => (subject, (ConnectionTarget?)subject.Target)));

    public static Streaming CopyOut { get; } = new("copy", "COPY out", "copy wide to stdout",
        stage => stage.Real.Select(subject => (subject, (ConnectionTarget?)subject.Target)));

    public string Name { get; }

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var (subject, target) in _subjects(stage))
        {
            if (target is null)
                continue;
            using var connection = await LoadConnection.OpenForStreamsAsync(target);
            var (cpu, started) = (subject.Meter.CpuTime(), Stopwatch.GetTimestamp());
            var bytes = connection.Stream(_sql);
            var elapsed = Stopwatch.GetElapsedTime(started);
            cpu = subject.Meter.CpuTime() - cpu;
            results.Add(subject.Name, _rate, bytes / 1e6 / elapsed.TotalSeconds);
            if (subject.ProcessId is not null)
                results.Add(subject.Name, _cpu, cpu.TotalSeconds / (bytes / 1e9));
        }
    }
}
