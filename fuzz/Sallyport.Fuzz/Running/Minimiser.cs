namespace Sallyport.Fuzz;

/// <summary>The smallest inputs that together reach all that is reached, each cut down as far as what it adds is still reached.</summary>
internal sealed class Minimiser(IFuzzTarget target)
{
    private const int MostTries = 400;

    private readonly HashSet<int> _reached = [];

    /// <param name="given">Inputs that are there anyway.</param>
    /// <param name="inputs">Those to choose from.</param>
    public List<byte[]> Run(IEnumerable<byte[]> given, IEnumerable<byte[]> inputs)
    {
        foreach (var input in given)
            _reached.UnionWith(Reach(input));
        var chosen = new List<byte[]>();
        foreach (var input in inputs.OrderBy(static input => input.Length))
        {
            var adds = Reach(input);
            adds.ExceptWith(_reached);
            if (adds.Count == 0)
                continue;
            var small = Cut(input, adds);
            _reached.UnionWith(Reach(small));
            chosen.Add(small);
        }
        return chosen;
    }

    private byte[] Cut(byte[] input, HashSet<int> adds)
    {
        var tries = 0;
        for (var size = Math.Max(1, input.Length / 2); size > 0 && tries < MostTries; size /= 2)
        {
            for (var at = 0; at + size <= input.Length && tries < MostTries; tries++)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + size)];
                if (adds.IsSubsetOf(Reach(shorter)))
                    input = shorter;
                else
                    at += size;
            }
        }
        return input;
    }

    private HashSet<int> Reach(byte[] input)
    {
        Coverage.Begin();
        return Execution.Run(target, input) is null ? Coverage.Reached() : [];
    }
}
