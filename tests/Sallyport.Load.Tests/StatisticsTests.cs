using Sallyport.Load.Measuring;

namespace Sallyport.Load.Tests;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 9, 1, 5 }, 5)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5)]
    public void The_median_is_the_middle_or_between_the_two_in_the_middle(double[] values, double expected) =>
        Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void There_is_no_median_of_nothing() => Assert.True(double.IsNaN(Statistics.Median([])));

    [Fact]
    public void A_ratio_is_taken_round_by_round_and_not_of_the_medians()
    {
        // Round two was slow for both: the medians are 40 and 20, each round says 2, 2 and 4.
        Assert.Equal(2, Statistics.Ratio([20, 400, 40], [10, 200, 10]));
    }

    [Theory]
    [InlineData(new double[] { 1, 2 }, new double[] { 1 })]
    [InlineData(new double[] { 1, 2 }, new double[] { 1, 0 })]
    [InlineData(new double[] { }, new double[] { })]
    public void A_ratio_to_nothing_is_none(double[] values, double[] bases) => Assert.Null(Statistics.Ratio(values, bases));

    [Theory]
    [InlineData(100, 112, false, 12)]
    [InlineData(100, 88, false, -12)]
    [InlineData(100, 80, true, 20)]
    [InlineData(100, 125, true, -25)]
    public void Worse_is_more_time_or_a_lower_rate(double before, double now, bool isRate, double percent) =>
        Assert.Equal(percent, Statistics.WorseByPercent(before, now, isRate), 6);

    [Fact]
    public void Latencies_come_back_within_a_thousandth()
    {
        var latencies = Latencies.New();
        for (var i = 1; i <= 1000; i++)
            Latencies.Record(latencies, TimeSpan.FromMicroseconds(i));

        Assert.InRange(Latencies.Microseconds(latencies, 50), 499, 501);
        Assert.InRange(Latencies.Microseconds(latencies, 99), 989, 991);
    }

    [Fact]
    public void A_latency_beyond_a_minute_counts_as_a_minute()
    {
        var latencies = Latencies.New();

        Latencies.Record(latencies, TimeSpan.FromHours(1));

        Assert.InRange(Latencies.Microseconds(latencies, 100), 59.9e6, 60.1e6);
    }
}
