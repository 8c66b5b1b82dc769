using Sallyport.Core;

namespace Sallyport.Benchmarks.Rates;

/// <summary>A recorder with the gateway's own defaults in a folder of its own, which goes when it is disposed.</summary>
internal sealed class RecordingFolder : IDisposable
{
    public RecordingFolder(string parent)
    {
        Location = Path.Combine(parent, Guid.NewGuid().ToString("N"));
        var options = new Recording.RecorderOptions { Folder = Location, ReservedBytes = 0 };
        var opened = Recording.Recorder.Open(options, TimeProvider.System, null);
        Recorder = opened.Recorder ?? throw new InvalidOperationException(opened.Message);
    }

    public Recording.Recorder Recorder { get; }

    public string Location { get; }

    public ISessionRecorder Session() =>
        Recorder.TryOpen(SessionId.New(TimeProvider.System), out var reason) ?? throw new InvalidOperationException(reason);

    /// <summary>Waits until all that was appended is on the device.</summary>
    public void Drain()
    {
        if (!Recorder.FlushAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
            throw new InvalidOperationException(Recorder.Fault);
    }

    public void Dispose()
    {
        Recorder.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(Location, recursive: true);
    }
}
