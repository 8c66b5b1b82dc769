using Sallyport.Load;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;

var (options, fault) = LoadOptions.Parse(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(fault);
    return 64;
}

using var folder = new TemporaryFolder("load");
await using var postgres = await SubjectStarter.StartPostgresAsync(options);
var wanted = SubjectStarter.Wanted(options, postgres, folder);
var results = new Results();
var subjects = new List<Subject>();
try
{
    var workloads = new Workloads(options, results);
    if (options.Workloads.Contains("idle"))
        await IdleAsync(postgres, wanted, workloads);
    foreach (var start in wanted)
        subjects.Add(await start());

    // One unrecorded round warms every path.
    await RoundAsync(options, subjects, new Workloads(options, new Results()));
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

// Each subject in a process of its own, which no other load has grown, and alone: PostgreSQL has to have let go of the last one's
// thousand connections, or it is PostgreSQL's ending of processes that is measured.
static async Task IdleAsync(PostgresServer postgres, List<Func<Task<Subject>>> wanted, Workloads workloads)
{
    foreach (var start in wanted)
    {
        await using (var subject = await start())
            await workloads.IdleAsync(subject);
        while (await postgres.ExecuteAsync("select count(*) from pg_stat_activity where backend_type = 'client backend'") != "1")
            await Task.Delay(200);
    }
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
                "allocation" => workloads.AllocationAsync(subject),
                _ => Task.CompletedTask,
            });
        }
    }
}
