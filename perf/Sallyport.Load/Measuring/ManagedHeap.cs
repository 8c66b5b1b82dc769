using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Sallyport.Load.Measuring;

/// <summary>What lives on the heap of another .NET process.</summary>
public static class ManagedHeap
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Bytes that survived a full blocking collection, which asking brings about (the runtime provider's keyword GCHeapCollect), in all
    /// generations and the heaps of large and pinned objects: what is live, without fragmentation and garbage.
    /// </summary>
    public static async Task<long> LiveBytesAsync(int processId)
    {
        const ClrTraceEventParser.Keywords keywords = ClrTraceEventParser.Keywords.GC | ClrTraceEventParser.Keywords.GCHeapCollect;
        var provider = new EventPipeProvider(ClrTraceEventParser.ProviderName, EventLevel.Informational, (long)keywords);
        using var session = new DiagnosticsClient(processId).StartEventPipeSession(provider, requestRundown: false);
        using var source = new EventPipeEventSource(session.EventStream);
        var told = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOurs = false;
        source.Clr.GCStart += start => isOurs = start.Depth == 2 && start.Reason != GCReason.AllocSmall;
        source.Clr.GCHeapStats += stats =>
        {
            if (isOurs)
                told.TrySetResult(stats.TotalPromoted);
        };
        var reader = new Thread(() => source.Process()) { IsBackground = true };
        reader.Start();
        try
        {
            return await told.Task.WaitAsync(Patience);
        }
        finally
        {
            session.Stop();
            reader.Join();
        }
    }
}
