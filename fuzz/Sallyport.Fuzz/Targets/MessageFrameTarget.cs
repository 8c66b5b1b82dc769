using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Postgres.Wire;

namespace Sallyport.Fuzz.Targets;

/// <summary>A header reads the same however it is cut.</summary>
internal sealed class MessageFrameTarget : IFuzzTarget
{
    public string Name => "frame";

    public IReadOnlyList<byte[]> Corpus { get; } =
        [Bytes.Message('Q', [.. "select 1\0"u8]), Bytes.Message('S'), Bytes.Message('d', new byte[300])];

    public void Check(byte[] input, Random random)
    {
        var read = MessageFrame.TryReadHeader(new ReadOnlySequence<byte>(input), out var type, out var length);
        var again = MessageFrame.TryReadHeader(Cuts.Sequence(input, random), out var cutType, out var cutLength);
        Promise.Holds(read == again && type == cutType && length == cutLength, "a cut header reads the same");
        Promise.Holds(read == input.Length >= MessageFrame.HeaderLength, "five bytes are a header");
        if (!read)
            return;
        var said = BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(1));
        Promise.Holds(type == input[0] && unchecked(length + 4) == said, "type and length are the bytes'");
    }
}
