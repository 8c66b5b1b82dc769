using Sallyport.Load.Measuring;
using Sallyport.Load.Reporting;

namespace Sallyport.Load.Tests;

public sealed class HistoryTests : IDisposable
{
    private static readonly Metric Latency = new("p50", "us", 1);
    private static readonly Metric Rate = new("throughput", "tx/s", 0, IsRate: true);
    private static readonly Metric Memory = new("managed", "kB", 1);

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void An_entry_comes_back_from_the_file_as_it_was()
    {
        var entry = Entry("abc", (Latency, "haproxy", 80), (Latency, "gateway", 100));
        History.Append(_file, entry);
        History.Append(_file, Entry("def", (Rate, "direct", 1)));

        var read = History.Read(_file);

        Assert.Equal(["abc", "def"], read.Select(e => e.Commit));
        Assert.Equal(entry.Date, read[0].Date);
        Assert.Equal(100, read[0].Values["p50"]["gateway"]);
        Assert.Equal(1.25, read[0].Ratios["p50"]["gateway / haproxy"]);
    }

    [Fact]
    public void No_file_is_no_history() => Assert.Empty(History.Read(_file + ".none"));

    [Fact]
    public void A_loss_and_a_gain_are_told_by_the_ratio_and_not_by_the_value()
    {
        var before = Entry("abc", (Latency, "haproxy", 80), (Latency, "gateway", 80), (Rate, "haproxy", 100), (Rate, "gateway", 50));
        var now = Entry("def", (Latency, "haproxy", 40), (Latency, "gateway", 44.8), (Rate, "haproxy", 10), (Rate, "gateway", 10));

        Assert.Equal(
            ["p50, gateway / haproxy: 1.12, was 1 (abc, 2026-11-28): worse by 12 %",
             "throughput, gateway / haproxy: 1, was 0.5 (abc, 2026-11-28): better by 100 %"],
            History.Compare(now, [before], [Latency, Rate]));
    }

    [Fact]
    public void The_last_entry_that_has_the_metric_counts()
    {
        var oldest = Entry("aaa", (Latency, "haproxy", 1), (Latency, "gateway", 3));
        var old = Entry("bbb", (Latency, "haproxy", 1), (Latency, "gateway", 2));
        var other = Entry("ccc", (Rate, "haproxy", 1), (Rate, "gateway", 1));
        var now = Entry("ddd", (Latency, "haproxy", 1), (Latency, "gateway", 2));

        Assert.Equal(
            ["p50, gateway / haproxy: 2, was 2 (bbb, 2026-11-28): the same"], History.Compare(now, [oldest, old, other], [Latency]));
    }

    [Fact]
    public void What_only_the_gateway_has_is_compared_by_its_value()
    {
        var before = Entry("abc", (Memory, "gateway", 10));
        var now = Entry("def", (Memory, "gateway", 15));

        Assert.Equal(["managed, gateway: 15, was 10 (abc, 2026-11-28): worse by 50 %"], History.Compare(now, [before], [Memory]));
    }

    [Fact]
    public void Nothing_before_is_nothing_to_compare() =>
        Assert.Empty(History.Compare(Entry("abc", (Latency, "haproxy", 1), (Latency, "gateway", 1)), [], [Latency]));

    private static HistoryEntry Entry(string commit, params (Metric Metric, string Subject, double Value)[] values)
    {
        var results = new Results();
        foreach (var (metric, subject, value) in values)
            results.Add(subject, metric, value);
        return History.Entry(results, new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero), commit, rounds: 1);
    }
}
