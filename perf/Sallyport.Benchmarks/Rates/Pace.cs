using System.Diagnostics;
using Sallyport.Core;

namespace Sallyport.Benchmarks.Rates;

/// <summary>The load of a gateway with many clients: small records at a steady rate, a ring that never fills.</summary>
internal sealed record Pace(double Rate, double FlusherNanoseconds, double SleepsPerSecond)
{
    private const int PerMillisecond = 20;

    public static Pace Run(string folder, TimeSpan length)
    {
        using var recording = new RecordingFolder(folder);
        var sessions = Enumerable.Range(0, 16).Select(_ => recording.Session()).ToArray();
        byte[] command = new byte[180], answer = new byte[60], input = new byte[50];
        long transactions = 0;
        var before = ThreadClock.Of("recording");
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < length)
        {
            var due = (long)(Stopwatch.GetElapsedTime(started).TotalMilliseconds * PerMillisecond);
            for (; transactions < due; transactions++)
            {
                var session = sessions[transactions % sessions.Length];
                if (session.TryAppend(RecordKind.Command, command, default, out _) != RecordOutcome.Taken
                    || session.TryAppend(RecordKind.Answer, answer, default, out _) != RecordOutcome.Taken
                    || session.TryAppend(RecordKind.Input, input, default, out _) != RecordOutcome.Taken)
                    throw new InvalidOperationException("The ring filled up.");
            }
            Thread.Sleep(1);
        }
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = ThreadClock.Of("recording");
        return new Pace(
            transactions / elapsed, (double)(after.Nanoseconds - before.Nanoseconds) / transactions,
            (after.Sleeps - before.Sleeps) / elapsed);
    }
}
