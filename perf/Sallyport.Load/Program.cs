using Sallyport.Load;
using Sallyport.Load.Measuring;
using Sallyport.Load.Reporting;
using Sallyport.Load.Subjects;
using Sallyport.Load.Tools;
using Sallyport.Load.Workloads;

var (options, fault) = LoadOptions.Parse(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(fault);
    return 64;
}

var own = new OwnTool();
IWorkload[] all =
[
    Latency.InClear,
    new Throughput("throughput", own, 16),
    new Throughput("throughput", own, 64),
    Streaming.FromMemory,
    Streaming.FromPostgres,
    Streaming.CopyOut,
    Latency.OverTls,
    Streaming.FromMemoryOverTls,
];
var unknown = options.Workloads.Except(all.Select(workload => workload.Name)).ToList();
if (unknown.Count > 0)
{
    await Console.Error.WriteLineAsync(
        $"--workloads {unknown[0]}: there are {string.Join(", ", all.Select(workload => workload.Name).Distinct())}");
    return 64;
}

var wanted = all.Where(workload => options.Workloads.Count == 0 || options.Workloads.Contains(workload.Name)).ToList();
await using var stage = await Stage.StartAsync(options);
var results = new Results();

// One unrecorded round warms every path.
await RoundAsync("warming up", new Results());
for (var round = 1; round <= options.Rounds; round++)
    await RoundAsync($"round {round} of {options.Rounds}", results);
Console.WriteLine(Report.Tables(results));
return 0;

async Task RoundAsync(string name, Results into)
{
    foreach (var workload in wanted)
    {
        await Console.Error.WriteLineAsync($"{name}: {workload.Name}");
        await workload.RunAsync(stage, into);
    }
}
