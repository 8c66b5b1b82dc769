using System.Diagnostics;
using System.Globalization;
using Sallyport.Load;
using Sallyport.Load.Measuring;
using Sallyport.Load.Reporting;
using Sallyport.Load.Subjects;
using Sallyport.Load.Tools;
using Sallyport.Load.Wire;
using Sallyport.Load.Workloads;

var (options, fault) = LoadOptions.Parse(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(fault);
    return 64;
}

var (own, pgbench) = (new OwnTool(), new Pgbench());
IWorkload[] each =
[
    Latency.InClear,
    new Throughput("throughput", "16 clients", own, 16),
    new Throughput("throughput", "64 clients", own, 64),
    new Throughput("crowd", $"{options.Crowd} clients", own, options.Crowd),
    new Throughput("modes", "16 clients, simple", own, 16, QueryMode.Simple),
    new Throughput("modes", "16 clients, extended", own, 16, QueryMode.Extended),
    new Throughput("pgbench", "16 clients, pgbench", pgbench, 16),
    new OpenLoop(own),
    Streaming.FromMemory,
    Streaming.FromPostgres,
    new FirstRow(),
    Streaming.CopyOut,
    new CopyIn(),
    new Allocation(),
    Latency.OverTls,
    Streaming.FromMemoryOverTls,
    new ConnectStorm(),
    new SlowConsumers(),
    Idle.Some,
];
IWorkload[] once = [Idle.Many];
IWorkload[] all = [.. each, .. once];
var unknown = options.Workloads.Except(all.Select(workload => workload.Name)).ToList();
if (unknown.Count > 0)
{
    await Console.Error.WriteLineAsync(
        $"--workloads {unknown[0]}: there are {string.Join(", ", all.Select(workload => workload.Name).Distinct())}");
    return 64;
}

var machine = await Machine.LookAsync();
var results = new Results();
await using (var stage = await Stage.StartAsync(options))
{
    // One unrecorded round warms every path.
    if (!options.IsQuick)
        await RoundAsync(stage, "warming up", each, new Results());
    for (var round = 1; round <= options.Rounds; round++)
        await RoundAsync(stage, $"round {round} of {options.Rounds}", each, results);
    await RoundAsync(stage, "once", once, results);
}

var entry = History.Entry(results, machine.Date, machine.Commit, options.Rounds);
var changes = History.Compare(entry, History.Read(options.History), results.Metrics).ToList();
var time = machine.Date.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
var folder = Directory.CreateDirectory(Path.Combine(options.Reports, time));
await File.WriteAllTextAsync(Path.Combine(folder.FullName, "report.md"), Report.Whole(results, machine, options, changes));
await File.WriteAllTextAsync(Path.Combine(folder.FullName, "ratios.svg"), RatioPlot.Draw(results));
foreach (var load in results.Loads)
{
    var suffix = load == Latency.InClear.Load ? "" : "-" + load.Replace(",", "", StringComparison.Ordinal).Replace(' ', '-');
    var file = $"latency{suffix}.svg";
    await File.WriteAllTextAsync(Path.Combine(folder.FullName, file), LatencyPlot.Draw(results, load));
}

History.Append(options.History, entry);
Console.WriteLine(Report.Tables(results));
Console.WriteLine(Report.Summary(results));
foreach (var change in changes)
    Console.WriteLine(change);
var failures = results.Notes.Where(note => note.StartsWith("FAILED", StringComparison.Ordinal)).ToList();
failures.ForEach(Console.WriteLine);
Console.WriteLine($"\nwritten: {folder.FullName}");
return failures.Count == 0 ? 0 : 1;

async Task RoundAsync(Stage stage, string name, IWorkload[] workloads, Results into)
{
    foreach (var workload in workloads.Where(workload => options.Workloads.Count == 0 || options.Workloads.Contains(workload.Name)))
    {
        var (started, round) = (Stopwatch.GetTimestamp(), new Results());
        try
        {
            await workload.RunAsync(stage, round);
            into.Add(round);
        }
        catch (Exception e)
        {
            // Minutes of other numbers are worth keeping, and the exit code tells.
            results.Notes.Add($"FAILED, {name}, {workload.Name}: {e.Message}");
            await Console.Error.WriteLineAsync($"{name}, {workload.Name}: {e}");
        }

        await Console.Error.WriteLineAsync($"{name}: {workload.Name}, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
    }
}
