using System.Diagnostics;
using HdrHistogram;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Measuring;

/// <summary>The things every subject is asked to do, one round each. All loops are closed: a client waits for its answer.</summary>
public sealed class Workloads
{
    private const int HotKeys = 5_000;
    private const int Clients = 16;
    private const int WarmUp = 50;

    private readonly LoadOptions _options;
    private readonly Results _results;

    public Workloads(LoadOptions options, Results results)
    {
        _options = options;
        _results = results;
    }

    /// <summary>One client, one transaction after the other.</summary>
    public async Task LatencyAsync(Subject subject)
    {
        using var connection = await LoadConnection.OpenAsync(subject.Target);
        var meter = new ProcessMeter(subject.ProcessId);
        var histogram = new LongHistogram(TimeSpan.FromSeconds(10).Ticks * TimeSpan.NanosecondsPerTick, 3);
        for (var i = 0; i < _options.Transactions / 5; i++)
            connection.Transact(Key(i));

        var cpu = meter.CpuTime();
        for (var i = 0; i < _options.Transactions; i++)
        {
            var started = Stopwatch.GetTimestamp();
            connection.Transact(Key(i));
            histogram.RecordValue((long)Stopwatch.GetElapsedTime(started).TotalNanoseconds);
        }

        cpu = meter.CpuTime() - cpu;
        _results.Add(subject.Name, Metric.P50, histogram.GetValueAtPercentile(50) / 1000.0);
        _results.Add(subject.Name, Metric.P99, histogram.GetValueAtPercentile(99) / 1000.0);
        if (subject.ProcessId is not null)
            _results.Add(subject.Name, Metric.CpuOne, cpu.TotalMicroseconds / _options.Transactions);
    }

    /// <summary>Sixteen clients for the time window; connecting and warming up are outside it.</summary>
    public async Task ThroughputAsync(Subject subject)
    {
        var connections = new LoadConnection[Clients];
        for (var i = 0; i < Clients; i++)
            connections[i] = await LoadConnection.OpenAsync(subject.Target);
        var meter = new ProcessMeter(subject.ProcessId);
        long done = 0;
        var running = true;
        var threads = connections.Select((connection, seed) => new Thread(() =>
        {
            for (var i = seed * 7919; Volatile.Read(ref running); i++)
            {
                connection.Transact(Key(i));
                Interlocked.Increment(ref done);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());

        await Task.Delay(_options.Window / 3);
        var (cpu, before, started) = (meter.CpuTime(), Interlocked.Read(ref done), Stopwatch.GetTimestamp());
        await Task.Delay(_options.Window);
        var (transactions, elapsed) = (Interlocked.Read(ref done) - before, Stopwatch.GetElapsedTime(started));
        cpu = meter.CpuTime() - cpu;
        Volatile.Write(ref running, false);
        threads.ForEach(thread => thread.Join());
        foreach (var connection in connections)
            connection.Dispose();

        _results.Add(subject.Name, Metric.Throughput, transactions / elapsed.TotalSeconds);
        if (subject.ProcessId is not null)
            _results.Add(subject.Name, Metric.CpuSixteen, cpu.TotalMicroseconds / transactions);
    }

    /// <summary>The whole wide table through one connection; megabytes are those the client received.</summary>
    public async Task StreamingAsync(Subject subject)
    {
        using var connection = await LoadConnection.OpenAsync(subject.Target);
        var meter = new ProcessMeter(subject.ProcessId);
        var (cpu, started) = (meter.CpuTime(), Stopwatch.GetTimestamp());
        var bytes = connection.Stream("select * from wide");
        var elapsed = Stopwatch.GetElapsedTime(started);
        cpu = meter.CpuTime() - cpu;
        _results.Add(subject.Name, Metric.StreamRate, bytes / 1e6 / elapsed.TotalSeconds);
        if (subject.ProcessId is not null)
            _results.Add(subject.Name, Metric.StreamCpu, cpu.TotalSeconds / (bytes / 1e9));
    }

    /// <summary>
    /// What the gateway's process allocates for one client's transactions and for the whole wide table, connecting and warming up
    /// outside. Only for a .NET process.
    /// </summary>
    public async Task AllocationAsync(Subject subject)
    {
        if (subject.ProcessId is null || !subject.IsDotnet)
            return;
        using var meter = new AllocationMeter(subject.ProcessId.Value);
        using var connection = await LoadConnection.OpenAsync(subject.Target);
        connection.Transact(Key(0));
        connection.Stream("select * from wide limit 1000");
        var before = await meter.ReadAsync();
        for (var i = 0; i < _options.Transactions * 4; i++)
            connection.Transact(Key(i));
        var between = await meter.ReadAsync();
        var bytes = connection.Stream("select * from wide");
        var after = await meter.ReadAsync();

        _results.Add(subject.Name, Metric.AllocatedPerTransaction, (between.Bytes - before.Bytes) / (_options.Transactions * 4));
        _results.Add(subject.Name, Metric.AllocatedStreaming, (after.Bytes - between.Bytes) / 1e3 / (bytes / 1e9));
        _results.Add(subject.Name, Metric.Collections, after.Collections - before.Collections);
    }

    /// <summary>Connections that logged in, ran one query and stay; once per run, since memory does not come back.</summary>
    public async Task IdleAsync(Subject subject)
    {
        if (subject.ProcessId is null)
            return;
        var meter = new ProcessMeter(subject.ProcessId);
        var connections = new List<RawPostgresClient>();
        try
        {
            // What the first log-ins bring in, code above all, belongs to the process and not to a connection.
            await ConnectAsync(WarmUp);
            var before = meter.ResidentKilobytes();
            await ConnectAsync(_options.IdleConnections);
            _results.Add(subject.Name, Metric.BaseMemory, before);
            _results.Add(subject.Name, Metric.IdleMemory, (meter.ResidentKilobytes() - before) / (double)_options.IdleConnections);
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }

        async Task ConnectAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                connections.Add(await RawPostgresClient.LoginAsync(subject.Target));
                await connections[^1].QueryAsync("select 1");
            }
        }
    }

    // A multiplicative walk, so that neighbours in time are not neighbours on a page.
    private static int Key(int i) => 1 + (int)((uint)i * 2654435761u % HotKeys);
}
