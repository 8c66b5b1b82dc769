using System.Text;
using Sallyport.Core;
using Sallyport.Recording;

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

    /// <summary>One PostgreSQL session per command text.</summary>
    public static async Task<RecordedFolder> MakeAsync(params string[] commands)
    {
        var made = new RecordedFolder();
        await using var recorder = Samples.OpenRecorder(made._folder["data/recording"], null);
        foreach (var command in commands)
            made.Record(recorder, "postgres", writer => Samples.Append(writer, RecordKind.Command, Samples.Command(command)), ends: true);
        return made;
    }

    /// <summary>One session more; without an end, as if its gateway lived on.</summary>
    public async Task AddAsync(string protocol, Action<ISessionRecorder> record, bool ends = true)
    {
        await using var recorder = Samples.OpenRecorder(_folder["data/recording"], null);
        Record(recorder, protocol, record, ends);
    }

    public string this[string name] => _folder[name];

    public Task<CliRun> RunAsync(params string[] args) => CliRun.RunAsync([.. args, "--config", Configuration]);

    /// <summary>As a person at a terminal would.</summary>
    public Task<CliRun> RunOnTerminalAsync(params string[] args) => CliRun.RunAsync([.. args, "--config", Configuration], isTerminal: true);

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

    private void Record(Recorder recorder, string protocol, Action<ISessionRecorder> record, bool ends)
    {
        // Two ids of one millisecond sort by chance.
        SessionId id;
        do
            id = SessionId.New(TimeProvider.System);
        while (Sessions.Count > 0 && id <= Sessions[^1]);
        var writer = recorder.TryOpen(id, out _)!;
        var opened = $$"""{"protocol":"{{protocol}}","principal":"ana","resource":"web"}""";
        Samples.Append(writer, RecordKind.SessionOpened, Encoding.UTF8.GetBytes(opened));
        record(writer);
        if (ends)
            Samples.Append(writer, RecordKind.SessionClosed, "{}"u8);
        Sessions.Add(id);
    }

    private bool IsLongest(string file) =>
        new FileInfo(file).Length == Directory.GetFiles(_folder["data/recording/segments"]).Max(static f => new FileInfo(f).Length);
}
