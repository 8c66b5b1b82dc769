namespace Sallyport.Load.Measuring;

/// <summary>A number that is compared between subjects.</summary>
public sealed record Metric(string Name, string Unit, int Decimals)
{
    public static readonly Metric P50 = new("p50, 1 client", "us", 1);
    public static readonly Metric P99 = new("p99, 1 client", "us", 1);
    public static readonly Metric CpuOne = new("proxy CPU per tx, 1 client", "us", 1);
    public static readonly Metric Throughput = new("throughput, 16 clients", "tx/s", 0);
    public static readonly Metric CpuSixteen = new("proxy CPU per tx, 16 clients", "us", 1);
    public static readonly Metric StreamRate = new("streaming", "MB/s", 0);
    public static readonly Metric StreamCpu = new("proxy CPU, streaming", "s/GB", 2);
    public static readonly Metric IdleMemory = new("memory per idle connection", "kB", 1);
    public static readonly Metric BaseMemory = new("memory before connections", "kB", 0);

    public static readonly Metric AllocatedPerTransaction = new("allocation per tx, 1 client", "B", 1);
    public static readonly Metric AllocatedStreaming = new("allocation, streaming", "kB/GB", 0);
    public static readonly Metric Collections = new("gen0 collections in both", "", 0);

    public static readonly Metric[] All =
    [
        P50, P99, CpuOne, Throughput, CpuSixteen, StreamRate, StreamCpu, AllocatedPerTransaction, AllocatedStreaming, Collections,
        IdleMemory, BaseMemory,
    ];
}
