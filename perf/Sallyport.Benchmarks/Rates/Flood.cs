using System.Diagnostics;
using Sallyport.Core;

namespace Sallyport.Benchmarks.Rates;

/// <summary>Writers that append as fast as they are let.</summary>
/// <param name="Rate">Records a second, once the ring is full; what the device does later is not in it.</param>
/// <param name="WriterNanoseconds">Processor time of the writers for one record, with their waiting for room.</param>
/// <param name="FlusherNanoseconds">Processor time of the recorder's thread for one record.</param>
internal sealed record Flood(double Rate, double WriterNanoseconds, double FlusherNanoseconds)
{
    private const int Batch = 64;

    // Until the ring is full: from then on writers go as fast as it is emptied.
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(0.5);

    public static Flood Run(string folder, int writers, int size, TimeSpan length)
    {
        using var recording = new RecordingFolder(folder);
        var payload = new byte[size];
        Random.Shared.NextBytes(payload);
        long records = 0, counted = 0, spent = 0;
        var before = ThreadClock.Of("recording");
        var started = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, writers).Select(_ => new Thread(() =>
        {
            var session = recording.Session();
            var mine = ThreadClock.Mine();
            var warm = AppendUntil(session, payload, started, Warm);
            var count = AppendUntil(session, payload, started, Warm + length);
            Interlocked.Add(ref counted, count);
            Interlocked.Add(ref records, warm + count);
            Interlocked.Add(ref spent, ThreadClock.Mine() - mine);
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        var counting = Stopwatch.GetElapsedTime(started) - Warm;
        recording.Drain();
        var after = ThreadClock.Of("recording");
        var flushing = (double)(after.Nanoseconds - before.Nanoseconds);
        return new Flood(counted / counting.TotalSeconds, (double)spent / records, flushing / records);
    }

    /// <summary>Processor time of one append while the ring has room and its pages are there.</summary>
    public static double AppendAlone(string folder, int size)
    {
        using var recording = new RecordingFolder(folder);
        var session = recording.Session();
        var payload = new byte[size];
        var burst = (8 << 20) / (size + 128);
        long spent = 0;
        // The first rounds meet every page of the ring once, and the code before it is compiled for good.
        const int Unmeasured = 12, Counted = 24;
        for (var round = 0; round < Unmeasured + Counted; round++)
        {
            var before = ThreadClock.Mine();
            for (var i = 0; i < burst; i++)
                Append(session, payload);
            if (round >= Unmeasured)
                spent += ThreadClock.Mine() - before;
            recording.Drain();
        }
        return (double)spent / (Counted * burst);
    }

    private static long AppendUntil(ISessionRecorder session, byte[] payload, long started, TimeSpan end)
    {
        long count = 0;
        while (Stopwatch.GetElapsedTime(started) < end)
        {
            for (var i = 0; i < Batch; i++)
                Append(session, payload);
            count += Batch;
        }
        return count;
    }

    private static void Append(ISessionRecorder session, byte[] payload)
    {
        while (session.TryAppend(RecordKind.Answer, payload, default, out _) != RecordOutcome.Taken)
        {
            if (!session.WaitForRoomAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
                throw new InvalidOperationException("The recorder failed.");
        }
    }
}
