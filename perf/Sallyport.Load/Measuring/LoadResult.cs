using HdrHistogram;

namespace Sallyport.Load.Measuring;

/// <summary>What one run of a load gave: its rate, every latency, and the proxy's CPU time per transaction if it was asked for.</summary>
public sealed record LoadResult(double TransactionsPerSecond, LongHistogram Latencies, TimeSpan? CpuPerTransaction);
