using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Sallyport.Recording.Ring;
using Sallyport.Recording.Segments;

namespace Sallyport.Benchmarks;

/// <summary>What guards recorded bytes: a checksum for each record, and the hash of each block that chains it to the one before.</summary>
[MemoryDiagnoser]
public class BlockBenchmarks
{
    private readonly byte[] _hash = new byte[ChainHash.Size];
    private byte[] _bytes = [];

    [Params(100, 4096, 1 << 20)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Fill() => _bytes = RandomNumberGenerator.GetBytes(Length);

    [Benchmark]
    public uint Checksum() => Crc32C.Append(Crc32C.Start, _bytes);

    [Benchmark]
    public void Hash() => ChainHash.Compute(_bytes, _hash);
}
