using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>How long the first row of a large answer takes: a proxy that gathers before it passes on shows here.</summary>
public sealed class FirstRow : IWorkload
{
    private const int Samples = 5;

    private static readonly Metric Time = new("first row of a large result", "us", 0);

    public string Name => "first";

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var subject in stage.Real)
        {
            var times = new List<double>();
            for (var i = 0; i < Samples; i++)
            {
                using var connection = await LoadConnection.OpenAsync(subject.Target);
                connection.Transact(i);
                times.Add(connection.FirstRow(CannedUpstream.Wide).TotalMicroseconds);
            }

            results.Add(subject.Name, Time, Statistics.Median(times));
            await stage.SettleAsync();
        }
    }
}
