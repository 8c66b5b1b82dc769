using Sallyport.Load;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Testing.Processes;

var (options, fault) = LoadOptions.Parse(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(fault);
    return 64;
}

using var folder = new TemporaryFolder("load");
await using var postgres = await SubjectStarter.StartPostgresAsync(options);
var subjects = await SubjectStarter.StartAllAsync(options, postgres, folder);
try
{
    var results = new Results(subjects.Select(subject => subject.Name));
    var workloads = new Workloads(options, results);

    // Memory first, while no other load has grown the heaps; then one unrecorded round to warm every path.
    if (options.Workloads.Contains("idle"))
    {
        foreach (var subject in subjects)
            await workloads.IdleAsync(subject);
    }

    await RoundAsync(options, subjects, new Workloads(options, new Results([])));
    for (var round = 1; round <= options.Rounds; round++)
    {
        await Console.Error.WriteLineAsync($"round {round} of {options.Rounds}");
        await RoundAsync(options, subjects, workloads);
    }

    Console.WriteLine(results.ToMarkdown("direct", "haproxy", "pgbouncer"));
    return 0;
}
finally
{
    foreach (var subject in subjects)
        await subject.DisposeAsync();
}

// Interleaved: a busy second hits neighbours in time, which are the values a ratio is made of.
static async Task RoundAsync(LoadOptions options, List<Subject> subjects, Workloads workloads)
{
    foreach (var workload in options.Workloads)
    {
        foreach (var subject in subjects)
        {
            await (workload switch
            {
                "latency" => workloads.LatencyAsync(subject),
                "throughput" => workloads.ThroughputAsync(subject),
                "streaming" => workloads.StreamingAsync(subject),
                _ => Task.CompletedTask,
            });
        }
    }
}
