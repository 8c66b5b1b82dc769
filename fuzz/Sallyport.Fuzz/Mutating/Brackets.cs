namespace Sallyport.Fuzz;

/// <summary>Moves whole pairs of brackets with all between them: objects and lists of JSON, expressions and subqueries of SQL.</summary>
internal static class Brackets
{
    private const int Tries = 8;

    public static void Change(List<byte> input, byte[] other, Random random)
    {
        if (Find([.. input], random) is not { } target)
            return;
        switch (random.Next(4))
        {
            case 0:
                input.RemoveRange(target.Start, target.Length);
                break;
            case 1:
                input.InsertRange(target.Start, [.. input.GetRange(target.Start, target.Length), (byte)',']);
                break;
            case 2 when Find([.. input.GetRange(target.Start + 1, target.Length - 2)], random) is { } inner:
                var kept = input.GetRange(target.Start + 1 + inner.Start, inner.Length);
                input.RemoveRange(target.Start, target.Length);
                input.InsertRange(target.Start, kept);
                break;
            default:
                if (Find(other, random) is not { } source)
                    return;
                input.RemoveRange(target.Start, target.Length);
                input.InsertRange(target.Start, other.AsSpan(source.Start, source.Length).ToArray());
                break;
        }
    }

    private static (int Start, int Length)? Find(byte[] text, Random random)
    {
        for (var i = 0; i < Tries && text.Length > 0; i++)
        {
            // From anywhere to the next bracket that opens, and to the one that closes it.
            var from = random.Next(text.Length);
            var start = text.AsSpan(from).IndexOfAny("{[("u8);
            if (start >= 0 && End(text, from + start) is { } end)
                return (from + start, end - from - start);
        }
        return null;
    }

    private static int? End(byte[] text, int start)
    {
        var depth = 0;
        var quoted = false;
        for (var i = start; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'\\' when quoted:
                    i++;
                    break;
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'{' or (byte)'[' or (byte)'(' when !quoted:
                    depth++;
                    break;
                case (byte)'}' or (byte)']' or (byte)')' when !quoted && --depth == 0:
                    return i + 1;
            }
        }
        return null;
    }
}
