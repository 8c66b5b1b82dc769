using System.Globalization;

namespace Sallyport.Fuzz;

/// <summary>What is to be run: a target's name or <c>all</c>, how many inputs of each, and from which seed on.</summary>
internal sealed record FuzzOptions(string Target, int Iterations, int Seed)
{
    private const int DefaultIterations = 100_000;

    /// <summary>Null when the arguments make no sense.</summary>
    public static FuzzOptions? Parse(string[] args)
    {
        if (args.Length % 2 == 0)
            return null;
        var options = new FuzzOptions(args[0], DefaultIterations, 1);
        for (var i = 1; i < args.Length; i += 2)
        {
            if (!int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return null;
            switch (args[i])
            {
                case "--iterations": options = options with { Iterations = number }; break;
                case "--seed": options = options with { Seed = number }; break;
                default: return null;
            }
        }
        return options;
    }
}
