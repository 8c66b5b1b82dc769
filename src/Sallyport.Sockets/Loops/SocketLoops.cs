namespace Sallyport.Sockets.Loops;

/// <summary>
/// The loops of the process: one for every two processors, since the other half runs the recorder, slow judgements and what the
/// kernel does for both. A connection stays on the loop that it was given to, and its upstream leg is opened on the same one, so that
/// a command crosses no thread on its way.
/// </summary>
public static class SocketLoops
{
    private static readonly SocketLoop[] All =
        [.. Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 2)).Select(static i => new SocketLoop($"sockets {i}"))];

    private static uint _turn;

    /// <summary>The loop whose turn it is.</summary>
    public static SocketLoop Next() => All[Interlocked.Increment(ref _turn) % (uint)All.Length];
}
