using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sallyport.Fuzz;

/// <summary>
/// Changes how long a field is and says so in its length, so that what stands behind is still read where it begins. What is a
/// length is a guess: an Int32 that reaches no further than the input does.
/// </summary>
internal static class LengthField
{
    private const int Tries = 16;
    private const int MostAdded = 64;

    public static void Resize(List<byte> input, byte[] other, Random random)
    {
        for (var i = 0; i < Tries; i++)
        {
            var at = random.Next(Math.Max(1, input.Count - sizeof(int) + 1));
            if (Read(input, at) is not { } length)
                continue;
            var from = at + sizeof(int);
            var delta = random.Next(2) == 0 ? -Shrink(input, from, length, random) : Grow(input, from, length, other, random);
            // An outer length covers the field too; those in front of it that do are told as well.
            Write(input, at, length + delta);
            for (var outer = at - sizeof(int); outer >= 0; outer--)
            {
                if (Read(input, outer) is { } covered && covered > length && outer + covered + sizeof(int) >= from + length)
                    Write(input, outer, covered + delta);
            }
            return;
        }
    }

    private static int Shrink(List<byte> input, int from, int length, Random random)
    {
        var count = random.Next(length + 1);
        input.RemoveRange(from + random.Next(length - count + 1), count);
        return count;
    }

    private static int Grow(List<byte> input, int from, int length, byte[] other, Random random)
    {
        var start = random.Next(other.Length + 1);
        var added = other.AsSpan(start, random.Next(Math.Min(other.Length - start, MostAdded) + 1)).ToArray();
        input.InsertRange(from + random.Next(length + 1), added);
        return added.Length;
    }

    /// <summary>A length that could be one; null when it is none.</summary>
    private static int? Read(List<byte> input, int at)
    {
        if (at + sizeof(int) > input.Count)
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(CollectionsMarshal.AsSpan(input)[at..]);
        return length >= 0 && length <= input.Count - at - sizeof(int) ? length : null;
    }

    private static void Write(List<byte> input, int at, int length) =>
        BinaryPrimitives.WriteInt32BigEndian(CollectionsMarshal.AsSpan(input)[at..], length);
}
