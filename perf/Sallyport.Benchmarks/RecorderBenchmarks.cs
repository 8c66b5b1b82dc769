using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Recording;

namespace Sallyport.Benchmarks;

/// <summary>
/// Appending 300 bytes to the ring. A loop of nothing else is faster than any disk: when the ring is full it waits for room, so the
/// mean is the sustained rate, flusher included.
/// </summary>
[MemoryDiagnoser]
public class RecorderBenchmarks
{
    private readonly byte[] _record = new byte[300];
    private readonly string _folder = Directory.CreateTempSubdirectory("sallyport-benchmark-").FullName;
    private Recorder _recorder = null!;
    private ISessionRecorder _session = null!;

    [GlobalSetup]
    public void Open()
    {
        var opened = Recorder.Open(
            new RecorderOptions { Folder = _folder, MinimumFreeBytes = 0, ReservedBytes = 0, FlushInterval = TimeSpan.FromMilliseconds(5) },
            TimeProvider.System, null);
        _recorder = opened.Recorder ?? throw new InvalidOperationException(opened.Message);
        _session = _recorder.TryOpen(SessionId.New(TimeProvider.System), out var reason) ?? throw new InvalidOperationException(reason);
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _recorder.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public long Append()
    {
        long position;
        while (_session.TryAppend(RecordKind.Answer, _record, default, out position) != RecordOutcome.Taken)
        {
            if (!_session.WaitForRoomAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
                throw new InvalidOperationException(_recorder.Fault);
        }
        return position;
    }
}
