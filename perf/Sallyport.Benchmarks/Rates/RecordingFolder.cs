using Sallyport.Core;

namespace Sallyport.Benchmarks.Rates;

/// <summary>A recorder with the gateway's own defaults in a folder of its own, which goes when it is disposed.</summary>
internal sealed class RecordingFolder : IDisposable
{
    private readonly string _path;

    public RecordingFolder(string parent, long ringBytes = 64L << 20)
    {
        _path = Path.Combine(parent, Guid.NewGuid().ToString("N"));
        var opened = Recording.Recorder.Open(new Recording.RecorderOptions { Folder = _path, ReservedBytes = 0, RingBytes = ringBytes }, TimeProvider.System, null);
        Recorder = opened.Recorder ?? throw new InvalidOperationException(opened.Message);
    }

    public Recording.Recorder Recorder { get; }

    public string Location => _path;

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
        Directory.Delete(_path, recursive: true);
    }
}
