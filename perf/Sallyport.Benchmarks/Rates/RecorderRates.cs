using System.Globalization;

namespace Sallyport.Benchmarks.Rates;

/// <summary>
/// What the recorder sustains and what it costs: the tables of <c>--recorder</c>. BenchmarkDotNet times one operation of one thread;
/// here several threads write, a thread of the recorder's own follows, and a disk stands behind it.
/// </summary>
internal static class RecorderRates
{
    private const int Rounds = 3;

    private static readonly int[] Sizes = [80, 300, 4096, 64 * 1024];
    private static readonly int[] Writers = [1, 2, 4, 8];

    /// <param name="folder">Recordings of some gigabytes are made here and removed: on the disk that is to be measured.</param>
    public static int Run(string folder)
    {
        Console.WriteLine("Writers that never pause, records of one size, the median of three rounds.\n");
        Console.WriteLine("| writers | bytes | records/s | GB/s | writer ns/record | flusher ns/record | flusher s/GB |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var size in Sizes)
        {
            foreach (var writers in Writers)
                PrintFlood(folder, writers, size);
        }
        Console.WriteLine("\nOne append into a ring with room, nothing else.\n");
        Console.WriteLine("| bytes | ns |");
        Console.WriteLine("|---|---|");
        foreach (var size in Sizes)
            Console.WriteLine(Line($"| {size} | {Median(() => Flood.AppendAlone(folder, size)):F0} |"));
        Console.WriteLine("\nAs many clients do: 20,000 transactions a second with records of 180, 60 and 50 bytes.\n");
        Console.WriteLine("| transactions/s | flusher ns/transaction | flusher's sleeps/s |");
        Console.WriteLine("|---|---|---|");
        var pace = Pace.Run(folder, TimeSpan.FromSeconds(4));
        Console.WriteLine(Line($"| {pace.Rate:N0} | {pace.FlusherNanoseconds:F0} | {pace.SleepsPerSecond:F0} |"));
        Console.WriteLine("\nGroup commit: writers append 100 bytes each and wait until they are durable, against one write and flush.\n");
        Console.WriteLine("| writers | flush us | a round us | ratio |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var writers in (int[])[1, 8, 64])
        {
            var commit = GroupCommit.Run(folder, writers);
            Console.WriteLine(Line($"| {writers} | {commit.Sync:F0} | {commit.Round:F0} | {commit.Ratio:F2} |"));
        }
        return 0;
    }

    public static double Median(Func<double> measure) => Enumerable.Range(0, Rounds).Select(_ => measure()).Order().ElementAt(Rounds / 2);

    private static void PrintFlood(string folder, int writers, int size)
    {
        var rounds = Enumerable.Range(0, Rounds).Select(_ => Flood.Run(folder, writers, size, TimeSpan.FromSeconds(1)));
        var flood = rounds.OrderBy(static round => round.Rate).ElementAt(Rounds / 2);
        var costs = Line($"{flood.WriterNanoseconds:F0} | {flood.FlusherNanoseconds:F0} | {flood.FlusherNanoseconds / size:F2}");
        Console.WriteLine(Line($"| {writers} | {size} | {flood.Rate:N0} | {flood.Rate * size / 1e9:F2} | {costs} |"));
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
