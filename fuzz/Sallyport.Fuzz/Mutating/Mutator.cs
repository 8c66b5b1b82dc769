using System.Buffers.Binary;

namespace Sallyport.Fuzz;

/// <summary>
/// Damages inputs the way that finds mistakes in parsers: lying lengths, cuts, repeats, pieces of another input, words of the protocol.
/// </summary>
internal sealed class Mutator(IReadOnlyList<byte[]> tokens, int longest, bool isNested)
{
    private const int MostChanges = 6;

    private static readonly int[] Lies =
    [
        0, 1, -1, -2, 3, 4, 5, 7, 8, 127, 128, 255, 256, short.MaxValue, short.MinValue, ushort.MaxValue,
        int.MaxValue, int.MaxValue - 4, int.MinValue,
    ];

    public byte[] Next(byte[] parent, IReadOnlyList<byte[]> pool, Random random)
    {
        var input = new List<byte>(parent);
        // Some inputs stay valid, so that the promises on valid ones are kept in view.
        for (var left = random.Next(MostChanges + 1); left > 0; left--)
            Change(input, pool, random);
        if (input.Count > longest)
            input.RemoveRange(longest, input.Count - longest);
        return [.. input];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> pool, Random random)
    {
        if (isNested && random.Next(2) == 0)
        {
            Brackets.Change(input, pool[random.Next(pool.Count)], random);
            return;
        }
        var at = random.Next(input.Count + 1);
        switch (random.Next(7))
        {
            case 0 or 1 when at < input.Count:
                input[at] = Damaged(input[at], random);
                break;
            case 2:
                Overwrite(input, at, random.Next(2) == 0 ? sizeof(short) : sizeof(int), random);
                break;
            case 3:
                LengthField.Resize(input, pool[random.Next(pool.Count)], random);
                break;
            case 4 when tokens.Count > 0:
                PutToken(input, at, tokens[random.Next(tokens.Count)], random);
                break;
            case 5:
                Splice(input, at, pool[random.Next(pool.Count)], random);
                break;
            default:
                MoveBytes(input, at, random);
                break;
        }
    }

    private static byte Damaged(byte value, Random random) => random.Next(3) switch
    {
        0 => (byte)(value ^ (1 << random.Next(8))),
        1 => (byte)(value + random.Next(-16, 17)),
        _ => (byte)random.Next(256),
    };

    private static void MoveBytes(List<byte> input, int at, Random random)
    {
        var count = random.Next(Math.Min(input.Count - at, 16) + 1);
        switch (random.Next(4))
        {
            case 0:
                input.Insert(at, (byte)random.Next(random.Next(2) == 0 ? 2 : 256));
                break;
            case 1:
                input.RemoveRange(at, count);
                break;
            case 2:
                input.InsertRange(at, input.GetRange(at, count));
                break;
            case 3 when random.Next(4) == 0:
                input.RemoveRange(at, input.Count - at);
                break;
        }
    }

    private static void PutToken(List<byte> input, int at, byte[] token, Random random)
    {
        if (random.Next(2) == 0)
            input.RemoveRange(at, Math.Min(token.Length, input.Count - at));
        input.InsertRange(at, token);
    }

    // Half of the time all of the other's rest, so that two inputs are joined.
    private static void Splice(List<byte> input, int at, byte[] other, Random random)
    {
        var from = random.Next(other.Length + 1);
        if (random.Next(2) == 0)
        {
            input.InsertRange(at, other[from..random.Next(from, other.Length + 1)]);
            return;
        }
        input.RemoveRange(at, input.Count - at);
        input.AddRange(other[from..]);
    }

    private static void Overwrite(List<byte> input, int at, int size, Random random)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Lies[random.Next(Lies.Length)]);
        for (var i = 0; i < size && at + i < input.Count; i++)
            input[at + i] = bytes[sizeof(int) - size + i];
    }
}
