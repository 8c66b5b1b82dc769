using Sallyport.Load.Measuring;
using Sallyport.Load.Tools;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Tests;

public sealed class PgbenchTests
{
    [Fact]
    public void What_ended_in_the_warm_up_or_after_the_window_does_not_count()
    {
        string[] log =
        [
            "0 1 100 0 1764000000 0",
            "1 1 100 0 1764000000 900000",
            "0 2 250 0 1764000001 0",
            "1 2 250 0 1764000002 500000",
            "0 3 900 0 1764000004 0 12",
        ];

        var result = Pgbench.Read(log, new LoadPlan(2, QueryMode.Prepared, TimeSpan.FromSeconds(3)));

        Assert.Equal(2, result.Latencies.TotalCount);
        Assert.Equal(2 / 3.0, result.TransactionsPerSecond, 6);
        Assert.InRange(Latencies.Microseconds(result.Latencies, 50), 249.5, 250.5);
    }

    [Fact]
    public void A_log_that_ends_before_the_window_is_no_result() =>
        Assert.Throws<InvalidDataException>(() => Pgbench.Read(
            ["0 1 100 0 1764000000 0", "0 2 100 0 1764000002 0"], new LoadPlan(1, QueryMode.Simple, TimeSpan.FromSeconds(3))));

    [Fact]
    public void An_empty_log_is_no_result() =>
        Assert.Throws<InvalidDataException>(() => Pgbench.Read([], new LoadPlan(1, QueryMode.Simple, TimeSpan.FromSeconds(1))));
}
