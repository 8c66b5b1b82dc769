using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>
/// What a .NET proxy allocates for one client's transactions and for the rows of the whole wide table, connecting and warming up outside.
/// </summary>
public sealed class Allocation : IWorkload
{
    private static readonly Metric PerTransaction = new("allocation per tx, 1 client", "B", 1);
    private static readonly Metric PerRow = new("allocation per streamed row", "B", 3);
    private static readonly Metric Collections = new("gen0 collections while allocation was measured", "", 0);

    public string Name => "allocation";

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var subject in stage.Real.Where(subject => subject.IsDotnet))
        {
            using var meter = new AllocationMeter(subject.ProcessId!.Value);
            using var connection = await LoadConnection.OpenAsync(subject.Target);
            connection.Transact(0);
            connection.Stream($"{CannedUpstream.Wide} limit 1000");
            var before = await meter.ReadAsync();
            var transactions = stage.Options.Transactions * 4;
            _ = Latency.Measure(connection, transactions);
            var between = await meter.ReadAsync();
            connection.Stream(CannedUpstream.Wide);
            var after = await meter.ReadAsync();

            results.Add(subject.Name, PerTransaction, (between.Bytes - before.Bytes) / transactions);
            results.Add(subject.Name, PerRow, (after.Bytes - between.Bytes) / stage.Options.WideRows);
            results.Add(subject.Name, Collections, after.Collections - before.Collections);
        }
    }
}
