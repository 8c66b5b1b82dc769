using System.Globalization;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;
using Sallyport.Testing.Processes;

namespace Sallyport.Load.Tools;

/// <summary>
/// PostgreSQL's own load tool, as a reference from outside. Rates and latencies are taken from its log of transactions, so that
/// connecting and warming up are outside the window as with the own client; the proxy's CPU time is not, and is left out.
/// </summary>
public sealed class Pgbench : ILoadTool
{
    private static readonly string Script = $"""
        \set aid random(1, {Transaction.HotKeys})
        {Transaction.Statement}:aid;
        """;

    public async Task<LoadResult> RunAsync(Subject subject, LoadPlan plan)
    {
        using var folder = new TemporaryFolder("pgbench");
        await File.WriteAllTextAsync(folder["script.sql"], Script);
        // Its time runs while it connects.
        var seconds = Math.Ceiling((plan.WarmUp + plan.Window).TotalSeconds + 1);
        List<string> arguments =
        [
            "--no-vacuum", "--file", folder["script.sql"], "--protocol", plan.Mode.ToString().ToLowerInvariant(),
            "--client", plan.Clients.ToString(CultureInfo.InvariantCulture), "--time", seconds.ToString(CultureInfo.InvariantCulture),
            "--log", "--log-prefix", folder["log"],
        ];
        if (plan.PerSecond is { } rate)
            arguments.AddRange(["--rate", rate.ToString("F0", CultureInfo.InvariantCulture)]);
        (await Command.RunAsync("pgbench", arguments, subject.Target.ToEnvironment())).OrThrow($"pgbench through {subject.Name}");
        return Read(Directory.EnumerateFiles(folder.FullPath, "log.*").SelectMany(File.ReadLines), plan);
    }

    /// <summary>Reads its log: client, number, latency in us, script, seconds and us of the end (and the lag of an open loop).</summary>
    internal static LoadResult Read(IEnumerable<string> log, LoadPlan plan)
    {
        var ends = log.Select(line => line.Split(' ')).Select(fields => (
            Latency: TimeSpan.FromMicroseconds(double.Parse(fields[2], CultureInfo.InvariantCulture)),
            End: TimeSpan.FromSeconds(long.Parse(fields[4], CultureInfo.InvariantCulture))
                + TimeSpan.FromMicroseconds(double.Parse(fields[5], CultureInfo.InvariantCulture)))).ToList();
        if (ends.Count == 0)
            throw new InvalidDataException("pgbench logged no transaction.");
        var opens = ends.Min(end => end.End) + plan.WarmUp;
        var closes = opens + plan.Window;
        if (ends.Max(end => end.End) < closes)
            throw new InvalidDataException("pgbench stopped before its window was over: connecting took too long.");
        var latencies = Latencies.New();
        foreach (var (latency, end) in ends)
        {
            if (end >= opens && end < closes)
                Latencies.Record(latencies, latency);
        }

        return new LoadResult(latencies.TotalCount / plan.Window.TotalSeconds, latencies, CpuPerTransaction: null);
    }
}
