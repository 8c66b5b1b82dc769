namespace Sallyport.Policy.Yaml;

/// <summary>"Did you mean": the nearest of some names, when it is near enough to be a slip of the hand.</summary>
public static class Suggestion
{
    private const int LongestCompared = 64;

    /// <summary>A sentence with a leading space, or nothing.</summary>
    public static string For(string word, IEnumerable<string> names)
    {
        var (best, bestDistance) = ("", int.MaxValue);
        foreach (var name in names)
        {
            var distance = Distance(word, name);
            if (distance < bestDistance)
                (best, bestDistance) = (name, distance);
        }
        return bestDistance <= Math.Max(1, Math.Min(word.Length, best.Length) / 3) ? $" Did you mean {best}?" : "";
    }

    /// <summary>Edits (insert, remove, replace, swap neighbours; case is free) between two words.</summary>
    private static int Distance(string left, string right)
    {
        if (left.Length > LongestCompared || right.Length > LongestCompared)
            return int.MaxValue;
        var d = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var same = Same(left[i - 1], right[j - 1]);
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[left.Length, right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
