using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Masking.Streams;

namespace Sallyport.Benchmarks;

/// <summary>Masking a mebibyte of log lines in which there is nothing to mask, in chunks of 32 KiB.</summary>
[MemoryDiagnoser]
public class StreamMaskerBenchmarks
{
    private const int Size = 1 << 20;
    private const int Chunk = 32 * 1024;
    private const Detectors Keys = Detectors.Jwt | Detectors.PrivateKey | Detectors.AwsKey;

    private readonly byte[] _log = Log();
    private readonly ArrayBufferWriter<byte> _output = new(Chunk);
    private readonly IStreamMasker _keys = new StreamMaskPlan(Keys, "correct horse battery staple"u8.ToArray()).Create();
    private readonly IStreamMasker _all =
        new StreamMaskPlan(Keys | Detectors.Pan | Detectors.Ssn | Detectors.Iban | Detectors.Email).Create();

    [Benchmark(Baseline = true)]
    public int Copy() => Run(null);

    [Benchmark]
    public int KeysAndASecret() => Run(_keys);

    [Benchmark]
    public int AllDetectors() => Run(_all);

    private int Run(IStreamMasker? masker)
    {
        var written = 0;
        for (var at = 0; at < Size; at += Chunk)
        {
            _output.ResetWrittenCount();
            var chunk = _log.AsSpan(at, Chunk);
            if (masker is null)
                _output.Write(chunk);
            else
                masker.Write(chunk, _output);
            written += _output.WrittenCount;
        }
        return written;
    }

    private static byte[] Log()
    {
        var text = new StringBuilder(Size + 200);
        for (var i = 0; text.Length < Size; i++)
        {
            text.Append($"2026-11-28T16:{i % 60:00}:25.{i % 1000:000}Z INFO  http[{i % 9000}]: GET /api/orders/{i} from 10.1.{i % 255}.7 ");
            text.Append($"took {i % 97} ms, status 200, ");
            text.Append("cache miss, user agent ExampleClient/1.4 (linux; x64)\n");
        }
        return Encoding.ASCII.GetBytes(text.ToString(0, Size));
    }
}
