using Sallyport.Core;

namespace Sallyport.Tests.Support;

/// <summary>A configuration, a policy and the recording of sessions that have ended; no gateway.</summary>
internal sealed class RecordedFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RecordedFolder()
    {
        Configuration = _folder.Write("sallyport.yaml", Samples.Configuration);
        _folder.Write("policy.yaml", Samples.Policy);
    }

    public string Configuration { get; }

    public List<SessionId> Sessions { get; } = [];

    /// <summary>One session per command text.</summary>
    public static async Task<RecordedFolder> MakeAsync(params string[] commands)
    {
        var made = new RecordedFolder();
        await using var recorder = Samples.OpenRecorder(made._folder["data/recording"], null);
        foreach (var command in commands)
        {
            // Two ids of one millisecond sort by chance.
            SessionId id;
            do
                id = SessionId.New(TimeProvider.System);
            while (made.Sessions.Count > 0 && id <= made.Sessions[^1]);
            var writer = recorder.TryOpen(id, out _)!;
            Samples.Append(writer, RecordKind.SessionOpened, "{}"u8);
            Samples.Append(writer, RecordKind.Command, Samples.Command(command));
            Samples.Append(writer, RecordKind.SessionClosed, "{}"u8);
            made.Sessions.Add(id);
        }
        return made;
    }

    public string this[string name] => _folder[name];

    public Task<CliRun> RunAsync(params string[] args) => CliRun.RunAsync([.. args, "--config", Configuration]);

    public void Write(string name, string text) => _folder.Write(name, text);

    /// <summary>Changes one byte where <paramref name="text"/> stands in the segments.</summary>
    public void Alter(ReadOnlySpan<byte> text)
    {
        var file = Assert.Single(Directory.GetFiles(_folder["data/recording/segments"]), IsLongest);
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf(text)] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    public void Dispose() => _folder.Dispose();

    private bool IsLongest(string file) =>
        new FileInfo(file).Length == Directory.GetFiles(_folder["data/recording/segments"]).Max(static f => new FileInfo(f).Length);
}
