using System.Diagnostics;
using Sallyport.Core;

namespace Sallyport.Benchmarks.Rates;

/// <summary>Durable appends of many at once, beside what the device takes for one flush. Medians; rounds of both take turns.</summary>
/// <param name="Sync">Microseconds of one write and flush.</param>
/// <param name="Round">Microseconds from the first append until the last writer goes on.</param>
/// <param name="Ratio">Of the one to the other in the same turn.</param>
internal sealed record GroupCommit(double Sync, double Round, double Ratio)
{
    private const int Rounds = 200;
    private const int Size = 100;

    // Until all of it is compiled for good: before, a round takes the most of its time to wait for that.
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);

    public static GroupCommit Run(string folder, int writers)
    {
        using var recording = new RecordingFolder(folder);
        var sessions = Enumerable.Range(0, writers).Select(_ => recording.Session()).ToArray();
        using var raw = File.OpenHandle(Path.Combine(recording.Location, "raw"), FileMode.Create, FileAccess.Write);
        var payload = new byte[Size];
        var block = new byte[writers * Size];
        var waits = new Task<long>[writers];
        List<double> syncs = [], rounds = [];
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; rounds.Count < Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            RandomAccess.Write(raw, block, (long)i * block.Length);
            RandomAccess.FlushToDisk(raw);
            var sync = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            started = Stopwatch.GetTimestamp();
            // As sessions do that one of the socket engine's threads has just woken: each appends, asks and leaves the thread.
            for (var writer = 0; writer < writers; writer++)
                waits[writer] = AppendDurably(sessions[writer], payload);
            var last = Task.WhenAll(waits).GetAwaiter().GetResult().Max();
            if (Stopwatch.GetElapsedTime(began) < Warm)
                continue;
            syncs.Add(sync);
            rounds.Add(Stopwatch.GetElapsedTime(started, last).TotalMicroseconds);
        }
        return new GroupCommit(Median(syncs), Median(rounds), Median(rounds.Zip(syncs, static (round, sync) => round / sync)));
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    /// <summary>When the writer went on.</summary>
    private static async Task<long> AppendDurably(ISessionRecorder session, byte[] payload) =>
        session.TryAppend(RecordKind.Command, payload, default, out var position) == RecordOutcome.Taken
            && await session.WaitDurableAsync(position, CancellationToken.None)
            ? Stopwatch.GetTimestamp()
            : throw new InvalidOperationException("The recorder failed.");
}
