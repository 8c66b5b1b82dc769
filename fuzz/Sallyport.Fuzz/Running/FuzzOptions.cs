using System.Globalization;

namespace Sallyport.Fuzz;

/// <summary>What is to be run, how long, from which seed on, and where inputs are kept.</summary>
internal sealed record FuzzOptions(string Target)
{
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(60);

    public long Iterations { get; init; } = long.MaxValue;

    public int Seed { get; init; } = 1;

    /// <summary>Writes the inputs that matter back to the kept corpus.</summary>
    public bool Minimises { get; init; }

    /// <summary>The kept corpora, a folder for each target.</summary>
    public string Kept { get; init; } = "fuzz/corpus";

    /// <summary>What a run finds: inputs that reach new code, and findings.</summary>
    public string Work { get; init; } = "artifacts/fuzz";

    /// <summary>Null when the arguments make no sense.</summary>
    public static FuzzOptions? Parse(ReadOnlySpan<string> args)
    {
        if (args.IsEmpty)
            return null;
        var options = new FuzzOptions(args[0]);
        for (var i = 1; i < args.Length; i++)
        {
            if (args[i] == "--minimise")
                options = options with { Minimises = true };
            else if (++i == args.Length || options.With(args[i - 1], args[i]) is not { } changed)
                return null;
            else
                options = changed;
        }
        return options;
    }

    private FuzzOptions? With(string name, string value)
    {
        if (name is "--kept" or "--work")
            return name == "--kept" ? this with { Kept = value } : this with { Work = value };
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        return name switch
        {
            "--seconds" => this with { Time = TimeSpan.FromSeconds(number) },
            "--iterations" => this with { Iterations = number },
            "--seed" => this with { Seed = number },
            _ => null,
        };
    }
}
