using System.Buffers;

namespace Sallyport.Fuzz;

/// <summary>Bytes as a network may deliver them: in pieces of any size, empty ones too.</summary>
internal static class Cuts
{
    private const int MostPieces = 8;

    public static List<byte[]> Pieces(byte[] bytes, Random random)
    {
        var cuts = Enumerable.Range(0, random.Next(MostPieces)).Select(_ => random.Next(bytes.Length + 1)).Order().Append(bytes.Length);
        var pieces = new List<byte[]>();
        var at = 0;
        foreach (var cut in cuts)
        {
            pieces.Add(bytes[at..cut]);
            at = cut;
        }
        return pieces;
    }

    public static ReadOnlySequence<byte> Sequence(byte[] bytes, Random random)
    {
        Segment? first = null;
        Segment? last = null;
        foreach (var piece in Pieces(bytes, random))
        {
            last = new Segment(piece, last);
            first ??= last;
        }
        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
