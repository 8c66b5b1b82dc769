namespace Sallyport.Fuzz;

/// <summary>The inputs that are mutated: the valid ones, the kept ones, and those that reached something new.</summary>
internal sealed class InputPool
{
    private readonly List<byte[]> _inputs = [];
    private readonly List<long> _picks = [];

    public IReadOnlyList<byte[]> Inputs => _inputs;

    public void Add(byte[] input)
    {
        _inputs.Add(input);
        _picks.Add(0);
    }

    /// <summary>Of three, the one that had its turn least often: new ones come first, and none is forgotten.</summary>
    public byte[] Pick(Random random)
    {
        var best = random.Next(_inputs.Count);
        for (var i = 0; i < 2; i++)
        {
            var other = random.Next(_inputs.Count);
            if (_picks[other] < _picks[best])
                best = other;
        }
        // A long one takes as long as several short ones.
        _picks[best] += 1 + _inputs[best].Length / 1024;
        return _inputs[best];
    }
}
