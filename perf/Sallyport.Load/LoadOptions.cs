using System.Globalization;

namespace Sallyport.Load;

/// <summary>How much to measure, and whether a gateway is among the subjects.</summary>
public sealed record LoadOptions
{
    private static readonly string[] AllWorkloads = ["idle", "latency", "throughput", "streaming", "allocation"];

    public int Rounds { get; private init; } = 5;

    /// <summary>Transactions of one client per round.</summary>
    public int Transactions { get; private init; } = 5_000;

    /// <summary>How long sixteen clients run per round, after a warm-up of a third of it.</summary>
    public TimeSpan Window { get; private init; } = TimeSpan.FromSeconds(3);

    /// <summary>Rows of the table that is streamed, about 160 bytes each on the wire.</summary>
    public int WideRows { get; private init; } = 1_000_000;

    public int IdleConnections { get; private init; } = 1_000;

    /// <summary>Path of sallyport.dll; null measures the bases only.</summary>
    public string? Gateway { get; private init; }

    /// <summary>The gateway's policy file; left out, one that lets everything pass.</summary>
    public string? Policy { get; private init; }

    /// <summary>Names of the subjects to measure; empty means all.</summary>
    public IReadOnlyList<string> Only { get; private init; } = [];

    /// <summary>What to measure.</summary>
    public IReadOnlyList<string> Workloads { get; private init; } = AllWorkloads;

    /// <summary>Reads the command line; null and a message when it cannot be read.</summary>
    public static (LoadOptions? Options, string? Fault) Parse(ReadOnlySpan<string> arguments)
    {
        var options = new LoadOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name == "--quick")
            {
                options = options with
                {
                    Rounds = 2,
                    Transactions = 1_000,
                    Window = TimeSpan.FromSeconds(0.6),
                    WideRows = 100_000,
                    IdleConnections = 100,
                };
                continue;
            }

            if (++i >= arguments.Length)
                return (null, $"{name} needs a value");
            var value = arguments[i];
            switch (name)
            {
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds > 0:
                    options = options with { Rounds = rounds };
                    break;
                case "--gateway":
                    options = options with { Gateway = Path.GetFullPath(value) };
                    break;
                case "--policy":
                    options = options with { Policy = Path.GetFullPath(value) };
                    break;
                case "--only":
                    options = options with { Only = value.Split(',') };
                    break;
                case "--workloads" when value.Split(',').All(AllWorkloads.Contains):
                    options = options with { Workloads = value.Split(',') };
                    break;
                default:
                    return (null, $"{name} {value}: not understood");
            }
        }

        return (options, null);
    }
}
