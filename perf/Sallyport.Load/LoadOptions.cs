using System.Globalization;

namespace Sallyport.Load;

/// <summary>How much to measure, of whom, and where the programs are.</summary>
public sealed record LoadOptions
{
    /// <summary>Besides the connections, for files, listeners and the runtime.</summary>
    private const int SpareDescriptors = 600;

    public int Rounds { get; private init; } = 5;

    /// <summary>Too short to mean anything: it shows that everything runs, and is kept out of the history.</summary>
    public bool IsQuick { get; private init; }

    /// <summary>Transactions of one client per round.</summary>
    public int Transactions { get; private init; } = 5_000;

    /// <summary>How long many clients run per round, after a warm-up of a third of it.</summary>
    public TimeSpan Window { get; private init; } = TimeSpan.FromSeconds(1);

    /// <summary>Rows of the table that is streamed, about 181 bytes each on the wire.</summary>
    public int WideRows { get; private init; } = 1_000_000;

    /// <summary>What the canned upstream answers to the same query.</summary>
    public long CannedBytes { get; private init; } = 256 << 20;

    /// <summary>How many pieces of 64 kB a COPY in has.</summary>
    public int CopyInPieces { get; private init; } = 500;

    /// <summary>The most clients in a closed loop.</summary>
    public int Crowd { get; private init; } = 512;

    public int IdleConnections { get; private init; } = 1_000;

    /// <summary>
    /// Ten thousand, or what this process's limit of open files leaves: a proxy needs two for each connection, and so does this process,
    /// which is client and canned upstream at once.
    /// </summary>
    public int ManyConnections { get; private init; } = Math.Min(10_000, (DescriptorLimit() - SpareDescriptors) / 2);

    /// <summary>Path of sallyport.dll or of what was published; null measures the peers only.</summary>
    public string? Gateway { get; private init; }

    /// <summary>Path of the relay built from perf/peers/splice_relay.c.</summary>
    public string Splice { get; private init; } = "";

    /// <summary>Where reports go, each into a folder of its own.</summary>
    public string Reports { get; private init; } = "artifacts/perf";

    /// <summary>The file with one line per run.</summary>
    public string History { get; private init; } = "perf/history.jsonl";

    /// <summary>The gateway's policy file; left out, one that lets everything pass and masks two columns.</summary>
    public string? Policy { get; private init; }

    /// <summary>Names of the subjects to measure; empty means all.</summary>
    public IReadOnlyList<string> Only { get; private init; } = [];

    /// <summary>Names of the workloads to run; empty means all.</summary>
    public IReadOnlyList<string> Workloads { get; private init; } = [];

    public bool Wants(string subject) => Only.Count == 0 || Only.Contains(subject);

    /// <summary>Reads the command line; null and a message when it cannot be read.</summary>
    public static (LoadOptions? Options, string? Fault) Parse(ReadOnlySpan<string> arguments)
    {
        var options = new LoadOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name == "--quick")
            {
                options = options.Quick();
                continue;
            }

            if (++i >= arguments.Length)
                return (null, $"{name} needs a value");
            var value = arguments[i];
            LoadOptions? read = name switch
            {
                "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds > 0 =>
                    options with { Rounds = rounds },
                "--window" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 =>
                    options with { Window = TimeSpan.FromSeconds(seconds) },
                "--gateway" => options with { Gateway = Path.GetFullPath(value) },
                "--splice" => options with { Splice = Path.GetFullPath(value) },
                "--policy" => options with { Policy = Path.GetFullPath(value) },
                "--only" => options with { Only = value.Split(',') },
                "--workloads" => options with { Workloads = value.Split(',') },
                _ => null,
            };
            if (read is null)
                return (null, $"{name} {value}: not understood");
            options = read;
        }

        return (options, null);
    }

    private LoadOptions Quick() => this with
    {
        IsQuick = true,
        Rounds = 1,
        Transactions = 500,
        Window = TimeSpan.FromSeconds(0.3),
        WideRows = 50_000,
        CannedBytes = 16 << 20,
        CopyInPieces = 50,
        Crowd = 128,
        IdleConnections = 100,
        ManyConnections = Math.Min(1_000, ManyConnections),
        History = Path.Combine(Reports, "quick.jsonl"),
    };

    private static int DescriptorLimit() => int.TryParse(
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3],
        NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
}
