using HdrHistogram;

namespace Sallyport.Load.Measuring;

/// <summary>Histograms of latencies: nanoseconds up to a minute, three digits.</summary>
public static class Latencies
{
    private static readonly long Longest = (long)TimeSpan.FromMinutes(1).TotalNanoseconds;

    public static LongHistogram New() => new(Longest, 3);

    public static void Record(LongHistogram histogram, TimeSpan latency) =>
        histogram.RecordValue(Math.Clamp((long)latency.TotalNanoseconds, 1, Longest));

    /// <summary>The latency that so many percent did not exceed, in microseconds.</summary>
    public static double Microseconds(HistogramBase histogram, double percentile) => histogram.GetValueAtPercentile(percentile) / 1000.0;
}
