using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Hosting.Reloading;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Hosting.Reloading;

public sealed class FileWatchTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ErrorLog _log = new();
    private readonly List<string> _read = [];
    private Exception? _fault;

    [Fact]
    public void Threat20_AChangeIsToldOnceItHasSettled()
    {
        var file = _folder.Write("policy.yaml", "one");
        using var watch = Watch(file);
        _folder.Write("policy.yaml", "two");
        _time.Advance(Tick);
        Assert.Empty(_read);
        _folder.Write("policy.yaml", "two and a half");
        _time.Advance(Tick);
        Assert.Empty(_read);
        _time.Advance(Tick);
        _time.Advance(Tick);
        Assert.Equal(["two and a half"], _read);
    }

    [Fact]
    public void ARenameOverTheFileAndASwappedSymlinkOfItsFolderAreChanges()
    {
        foreach (var version in new[] { "one", "two" })
        {
            Directory.CreateDirectory(_folder[version]);
            _folder.Write($"{version}/policy.yaml", version);
        }
        Directory.CreateSymbolicLink(_folder["data"], _folder["one"]);
        File.CreateSymbolicLink(_folder["policy.yaml"], _folder["data/policy.yaml"]);
        using var watch = Watch(_folder["policy.yaml"]);
        Directory.Delete(_folder["data"]);
        Directory.CreateSymbolicLink(_folder["data"], _folder["two"]);
        TickTwice();
        File.Move(_folder.Write("new", "three"), _folder["policy.yaml"], overwrite: true);
        TickTwice();
        Assert.Equal(["two", "three"], _read);
    }

    [Fact]
    public void AMissingFileIsToldOnceAndItsReturnToo()
    {
        var file = _folder.Write("policy.yaml", "one");
        using var watch = Watch(file);
        File.Delete(file);
        TickTwice();
        TickTwice();
        _folder.Write("policy.yaml", "one");
        TickTwice();
        Assert.Equal(["(none)", "one"], _read);
    }

    [Fact]
    public void AReloadThatThrowsIsLoggedAndTheNextChangeIsTold()
    {
        var file = _folder.Write("policy.yaml", "one");
        using var watch = Watch(file);
        _fault = new InvalidOperationException("boom");
        _folder.Write("policy.yaml", "two");
        TickTwice();
        Assert.Equal("boom", Assert.Single(_log.Errors).Message);

        _fault = null;
        _folder.Write("policy.yaml", "three");
        TickTwice();
        Assert.Equal(["three"], _read);
    }

    public void Dispose() => _folder.Dispose();

    private FileWatch Watch(string file) => new(
        () => [file],
        () =>
        {
            if (_fault is { } fault)
                throw fault;
            _read.Add(File.Exists(file) ? File.ReadAllText(file) : "(none)");
            return Task.CompletedTask;
        },
        _time, Tick, _log);

    private void TickTwice()
    {
        _time.Advance(Tick);
        _time.Advance(Tick);
    }

    private sealed class ErrorLog : ILogger
    {
        public List<Exception> Errors { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Errors.Add(exception!);
    }
}
