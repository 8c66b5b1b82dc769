using System.Text;
using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Masking;

namespace Sallyport.Benchmarks;

/// <summary>Looking for personal data in a text field of 100 bytes that nobody said has any.</summary>
[MemoryDiagnoser]
public class DetectorBenchmarks
{
    private const Detectors All =
        Detectors.Pan | Detectors.Ssn | Detectors.Iban | Detectors.Jwt | Detectors.PrivateKey | Detectors.AwsKey | Detectors.Email;

    private static readonly byte[] Clean = Padded("prefers post to phone, call after six, delivery by the door, order 1234567 was late");
    private static readonly byte[] Card = Padded("prefers post to phone, call after six, paid by 4111 1111 1111 1111, order was late");

    private readonly TextMasker _masker = new(new byte[32]);

    [GlobalSetup]
    public void Verify()
    {
        if (FindNothing() || !FindCard())
            throw new InvalidOperationException("The detectors do not find what is measured.");
    }

    [Benchmark(Baseline = true)]
    public bool FindNothing() => _masker.TryDetect(All, Clean, 0, out _);

    [Benchmark]
    public bool FindCard() => _masker.TryDetect(All, Card, 0, out _);

    private static byte[] Padded(string text) => Encoding.UTF8.GetBytes(text.PadRight(100));
}
