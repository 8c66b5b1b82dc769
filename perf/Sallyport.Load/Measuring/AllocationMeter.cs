using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace Sallyport.Load.Measuring;

/// <summary>
/// What a .NET process allocates, by the runtime's own counters (`System.Runtime`: alloc-rate, gen-0-gc-count), which it sends once a
/// second. Asking costs it a few kilobytes a second, which are in the figure.
/// </summary>
public sealed class AllocationMeter : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly EventPipeSession _session;
    private readonly EventPipeEventSource _source;
    private readonly Thread _reader;
    private readonly SemaphoreSlim _told = new(0);
    private double _bytes;
    private double _collections;

    public AllocationMeter(int processId)
    {
        var runtime = new EventPipeProvider("System.Runtime", EventLevel.Informational, -1,
            new Dictionary<string, string> { ["EventCounterIntervalSec"] = "1" });
        _session = new DiagnosticsClient(processId).StartEventPipeSession(runtime, requestRundown: false);
        _source = new EventPipeEventSource(_session.EventStream);
        _source.Dynamic.All += Take;
        _reader = new Thread(() => _source.Process()) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>What was allocated since the meter began, in bytes, and the collections: waits until the process has told it all.</summary>
    public async Task<(double Bytes, double Collections)> ReadAsync()
    {
        // What the process tells next may have been counted before; what it tells after that was counted later than now.
        while (_told.CurrentCount > 0)
            await _told.WaitAsync();
        for (var i = 0; i < 2; i++)
        {
            if (!await _told.WaitAsync(Patience))
                throw new TimeoutException("The process does not tell what it allocates.");
        }

        return (Volatile.Read(ref _bytes), Volatile.Read(ref _collections));
    }

    public void Dispose()
    {
        _session.Stop();
        _reader.Join();
        _source.Dispose();
        _session.Dispose();
        _told.Dispose();
    }

    private void Take(TraceEvent data)
    {
        if (data.EventName != "EventCounters" || data.PayloadValue(0) is not IDictionary<string, object> outer
            || outer["Payload"] is not IDictionary<string, object> counter || !counter.TryGetValue("Increment", out var increment))
            return;
        var value = Convert.ToDouble(increment, CultureInfo.InvariantCulture);
        switch (counter["Name"] as string)
        {
            case "gen-0-gc-count":
                Volatile.Write(ref _collections, _collections + value);
                break;
            case "alloc-rate":
                Volatile.Write(ref _bytes, _bytes + value);
                _told.Release();
                break;
        }
    }
}
