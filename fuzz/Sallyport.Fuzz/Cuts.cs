using System.Buffers;
using Sallyport.Testing.Wire;

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

    public static ReadOnlySequence<byte> Sequence(byte[] bytes, Random random) =>
        Segment.Join(Pieces(bytes, random).Select(static piece => (ReadOnlyMemory<byte>)piece));
}
