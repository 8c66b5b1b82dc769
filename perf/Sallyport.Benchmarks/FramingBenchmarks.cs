using System.Buffers;
using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Sallyport.Postgres.Wire;

namespace Sallyport.Benchmarks;

/// <summary>Walking from message to message, per message: DataRows of 181 bytes in blocks as a pipe has them, some of them split.</summary>
[MemoryDiagnoser]
public class FramingBenchmarks
{
    private const int Messages = 1000;
    private const int MessageLength = 181;
    private const int BlockLength = 64 * 1024;

    private ReadOnlySequence<byte> _input;

    [GlobalSetup]
    public void Fill()
    {
        var bytes = new byte[Messages * MessageLength];
        for (var at = 0; at < bytes.Length; at += MessageLength)
        {
            bytes[at] = (byte)'D';
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + 1), MessageLength - 1);
        }
        var first = new Block(bytes.AsMemory(0, BlockLength));
        var last = first;
        for (var at = BlockLength; at < bytes.Length; at += BlockLength)
            last = last.Append(bytes.AsMemory(at, Math.Min(BlockLength, bytes.Length - at)));
        _input = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        if (Walk() != Messages)
            throw new InvalidOperationException("Not all messages were found.");
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public int Walk()
    {
        var rest = _input;
        var found = 0;
        while (MessageFrame.TryReadHeader(rest, out _, out var length) && rest.Length >= MessageFrame.HeaderLength + length)
        {
            rest = rest.Slice(MessageFrame.HeaderLength + length);
            found++;
        }
        return found;
    }

    private sealed class Block : ReadOnlySequenceSegment<byte>
    {
        public Block(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Block Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Block(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
