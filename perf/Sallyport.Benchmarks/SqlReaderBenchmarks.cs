using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Sallyport.Postgres.Sql;

namespace Sallyport.Benchmarks;

/// <summary>What reading a short text costs when it was read before, and when it never was.</summary>
[MemoryDiagnoser]
public class SqlReaderBenchmarks
{
    private static readonly byte[] Known = Encoding.UTF8.GetBytes("select abalance from accounts where aid = 1000000000");

    private readonly byte[] _fresh = [.. Known];
    private SqlReader _reader = null!;
    private int _number = 1_000_000_000;

    [GlobalSetup]
    public void Open()
    {
        _reader = SqlReader.Create(new SqlReaderOptions());
        // The cache takes a text for good when it is asked for again.
        _reader.Read(Known);
        _reader.Read(Known);
    }

    [GlobalCleanup]
    public void Close() => _reader.Dispose();

    [Benchmark(Baseline = true)]
    public SqlFacts Hit() => _reader.Read(Known);

    /// <summary>Every text has another number; full caches evict, as they would under such a load.</summary>
    [Benchmark]
    public SqlFacts Miss()
    {
        _number++;
        _number.TryFormat(_fresh.AsSpan(Known.Length - 10), out _, default, CultureInfo.InvariantCulture);
        return _reader.Read(_fresh);
    }
}
