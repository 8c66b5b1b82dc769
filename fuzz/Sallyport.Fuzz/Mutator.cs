using System.Buffers.Binary;

namespace Sallyport.Fuzz;

/// <summary>Damages valid inputs the way that finds mistakes in parsers: lying lengths, cuts, repeats, pieces of another input.</summary>
internal static class Mutator
{
    private const int MostChanges = 6;
    private const int LongestInput = 64 * 1024;

    private static readonly int[] Lies =
        [0, 1, -1, -2, 3, 4, 5, 7, 8, 127, 128, 255, 256, short.MaxValue, short.MinValue, ushort.MaxValue, int.MaxValue, int.MaxValue - 4, int.MinValue];

    public static byte[] Next(IReadOnlyList<byte[]> corpus, Random random)
    {
        var input = new List<byte>(corpus[random.Next(corpus.Count)]);
        // Some inputs stay valid, so that the promises on valid ones are kept in view.
        for (var left = random.Next(MostChanges + 1); left > 0; left--)
            Change(input, corpus, random);
        return [.. input.Take(LongestInput)];
    }

    private static void Change(List<byte> input, IReadOnlyList<byte[]> corpus, Random random)
    {
        var at = random.Next(input.Count + 1);
        var count = random.Next(Math.Min(input.Count - at, 16) + 1);
        switch (random.Next(9))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input.Insert(at, (byte)random.Next(random.Next(2) == 0 ? 2 : 256));
                break;
            case 3:
                input.RemoveRange(at, count);
                break;
            case 4:
                input.InsertRange(at, input.GetRange(at, count));
                break;
            case 5 when random.Next(4) == 0:
                input.RemoveRange(at, input.Count - at);
                break;
            case 6:
                Overwrite(input, at, sizeof(short), random);
                break;
            case 7:
                Overwrite(input, at, sizeof(int), random);
                break;
            default:
                var other = corpus[random.Next(corpus.Count)];
                var from = random.Next(other.Length);
                input.InsertRange(at, other[from..random.Next(from, other.Length)]);
                break;
        }
    }

    private static void Overwrite(List<byte> input, int at, int size, Random random)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Lies[random.Next(Lies.Length)]);
        for (var i = 0; i < size && at + i < input.Count; i++)
            input[at + i] = bytes[sizeof(int) - size + i];
    }
}
