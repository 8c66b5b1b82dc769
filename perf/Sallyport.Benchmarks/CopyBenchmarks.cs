using System.Buffers;
using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;

namespace Sallyport.Benchmarks;

/// <summary>A row of COPY in text, a message as the server sends it, with two masked columns of ten, against copying it.</summary>
[MemoryDiagnoser]
public class CopyBenchmarks
{
    private static readonly byte[] Row =
        [.. "1234567\tzoe.adams@example.com\t4111 1111 1111 1234\tZoe Adams\t2024-02-29\t\\N\t17.50\tf\tprefers post\\ncall after six\t2024-02-29 10:20:30.5+00\n"u8];

    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly CopyMasker _masker = new(new TextMasker(new byte[32]));

    [GlobalSetup]
    public void Setup()
    {
        var columns = Enumerable.Repeat(ColumnPlan.Keep, 10).ToArray();
        columns[1] = ColumnPlan.Masked(new Mask(MaskKind.Email), 25, 0);
        columns[2] = ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0);
        _masker.Begin(new RowPlan([.. columns], Detectors.None), new CopyOptions());
        if (Mask() < Row.Length / 2)
            throw new InvalidOperationException("The row is not of the plan's shape.");
    }

    [Benchmark(Baseline = true)]
    public int Copy()
    {
        _output.ResetWrittenCount();
        _output.Write(Row);
        return _output.WrittenCount;
    }

    [Benchmark]
    public int Mask()
    {
        _output.ResetWrittenCount();
        if (_masker.Feed(Row, _output) != CopyOutcome.Taken)
            throw new InvalidOperationException("The row is not of the plan's shape.");
        _masker.EndMessage(_output);
        return _output.WrittenCount;
    }
}
