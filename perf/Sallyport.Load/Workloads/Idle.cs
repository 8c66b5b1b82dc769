using System.Diagnostics;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>
/// Connections that logged in, ran one query and stay, before the canned upstream (PostgreSQL cannot hold ten thousand). Each proxy in a
/// process of its own, which no other load has grown, so its start is measured too.
/// </summary>
public sealed class Idle : IWorkload
{
    private const int WarmUp = 50;
    private const int LoginsAtOnce = 16;
    private const int Queries = 500;
    private const string Query = "select 1";

    private static readonly Metric Start = new("start to listening", "ms", 0);
    private static readonly Metric Base = new("memory before connections", "kB", 0);

    private readonly Func<LoadOptions, int> _count;
    private readonly bool _isMany;

    private Idle(string name, bool isMany, Func<LoadOptions, int> count)
    {
        (Name, _isMany, _count) = (name, isMany, count);
    }

    public static Idle Some { get; } = new("idle", isMany: false, options => options.IdleConnections);

    /// <summary>Ten thousand, or what the limit of open files leaves. The splice relay needs six descriptors each and sits out.</summary>
    public static Idle Many { get; } = new("many", isMany: true, options => options.ManyConnections);

    public string Name { get; }

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var name in stage.Proxies.Where(name => !_isMany || name != "splice"))
        {
            await using (var subject = await stage.StartFreshAsync(name))
            {
                if (!_isMany)
                    results.Add(name, Start, subject.StartedIn.TotalMilliseconds);
                await MeasureAsync(subject, _count(stage.Options), results);
            }

            await stage.SettleAsync();
        }
    }

    private async Task MeasureAsync(Subject subject, int count, Results results)
    {
        var connections = new List<RawPostgresClient>();
        try
        {
            // What the first log-ins bring in, code above all, belongs to the process and not to a connection.
            connections.AddRange(await ConnectAsync(subject, WarmUp));
            var live = subject.IsDotnet ? await ManagedHeap.LiveBytesAsync(subject.ProcessId!.Value) : 0;
            var resident = subject.Meter.ResidentKilobytes();
            var started = Stopwatch.GetTimestamp();
            connections.AddRange(await ConnectAsync(subject, count));
            var elapsed = Stopwatch.GetElapsedTime(started);

            var what = $"{count} idle connections";
            if (!_isMany)
                results.Add(subject.Name, Base, resident);
            results.Add(subject.Name, new Metric($"memory per connection, {what}, resident", "kB", 1),
                (subject.Meter.ResidentKilobytes() - resident) / (double)count);
            if (_isMany)
            {
                results.Add(subject.Name, new Metric($"logins, {what}", "1/s", 0, IsRate: true), count / elapsed.TotalSeconds);
                results.Add(subject.Name, new Metric($"p99 of a query beside {what}", "us", 0), await QueryAsync(connections[0]));
            }

            // Last, since the collection is not the gateway's own doing.
            if (subject.IsDotnet)
            {
                results.Add(subject.Name, new Metric($"memory per connection, {what}, managed", "kB", 1),
                    (await ManagedHeap.LiveBytesAsync(subject.ProcessId!.Value) - live) / 1024.0 / count);
            }
        }
        finally
        {
            connections.ForEach(connection => connection.Reset());
        }
    }

    private static async Task<double> QueryAsync(RawPostgresClient client)
    {
        var latencies = Latencies.New();
        for (var i = 0; i < Queries; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await client.QueryAsync(Query);
            Latencies.Record(latencies, Stopwatch.GetElapsedTime(started));
        }

        return Latencies.Microseconds(latencies, 99);
    }

    private static async Task<RawPostgresClient[]> ConnectAsync(Subject subject, int count)
    {
        var connections = new RawPostgresClient[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = LoginsAtOnce }, async (i, _) =>
        {
            connections[i] = await RawPostgresClient.LoginAsync(subject.Target);
            await connections[i].QueryAsync(Query);
        });
        return connections;
    }
}
