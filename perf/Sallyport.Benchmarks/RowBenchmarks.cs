using System.Buffers;
using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;

namespace Sallyport.Benchmarks;

/// <summary>A row of 181 bytes on the wire with two masked text columns, against copying it.</summary>
[MemoryDiagnoser]
public class RowBenchmarks
{
    private const int MessageLength = 181;

    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly RowMasker _masker = new(new TextMasker(new byte[32]));
    private readonly RowPlan _plan = new(
        [
            ColumnPlan.Keep, ColumnPlan.Masked(new Mask(MaskKind.Email), 25, 0), ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0), ColumnPlan.Keep,
            ColumnPlan.Keep, ColumnPlan.Keep,
        ],
        Detectors.None);

    private readonly byte[] _message = Message([.. "1234567"u8], [.. "zoe.adams@example.com"u8], [.. "4111 1111 1111 1234"u8], new byte[40], new byte[40]);

    [Benchmark(Baseline = true)]
    public int Copy()
    {
        _output.ResetWrittenCount();
        _output.Write(_message);
        return _output.WrittenCount;
    }

    [Benchmark]
    public bool Mask()
    {
        _output.ResetWrittenCount();
        return _masker.TryMask(_plan, _message.AsSpan(RowMasker.HeaderLength), _output);
    }

    [GlobalSetup]
    public void Verify()
    {
        if (!Mask())
            throw new InvalidOperationException("The row is not of the plan's shape.");
    }

    /// <summary>A DataRow of these fields and a last one that fills it up to its length.</summary>
    private static byte[] Message(params byte[][] fields)
    {
        var message = new byte[MessageLength];
        message[0] = (byte)'D';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), MessageLength - 1);
        BinaryPrimitives.WriteInt16BigEndian(message.AsSpan(5), (short)(fields.Length + 1));
        var at = 7;
        foreach (var field in fields)
        {
            BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(at), field.Length);
            field.CopyTo(message, at + 4);
            at += 4 + field.Length;
        }
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(at), MessageLength - at - 4);
        return message;
    }
}
