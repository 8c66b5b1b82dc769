using Sallyport.Cli;
using Sallyport.Core;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Admin;

/// <summary>Recordings through the gateway.</summary>
public sealed class RecordEndpointTests : IAsyncLifetime
{
    private RunningGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await RunningGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("replay", "--no-wait")]
    [InlineData("export", "--format=jsonl")]
    [InlineData("watch", "--json")]
    public async Task Threat87_ARecordingIsForAdministratorsAndThoseBehindItsSession(string verb, string option)
    {
        var session = await _gateway.OpenSessionAsync("bot-7", onBehalfOf: "ana");
        Samples.Append(session.Recorder, RecordKind.Command, Samples.Command("select 'secret thing'"));
        await _gateway.Opener.CloseAsync(session, SessionEnd.ClientClosed, null);
        foreach (var name in new[] { "root", "bot-7", "ana" })
        {
            var run = await _gateway.RunAsync(name, "sessions", verb, session.Id.ToString(), option);
            Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
            Assert.Contains("secret thing", run.Out, StringComparison.Ordinal);
        }
        foreach (var asked in new[] { session.Id.ToString(), session.Id.ToString()[^6..], "last" })
        {
            var refused = await _gateway.RunAsync("dana", "sessions", verb, asked, option);
            Assert.Equal((ExitCode.Failed, ""), (refused.ExitCode, refused.Out));
        }
    }

    [Fact]
    public async Task LastIsTheNewestSessionThatTheCallerMaySee()
    {
        var own = await _gateway.OpenSessionAsync("bot-7");
        await _gateway.OpenSessionAsync("dana");
        Assert.Contains(own.Id.ToString(), (await _gateway.RunAsync("bot-7", "sessions", "show", "last")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchingALiveSessionShowsWhatComesAndEndsWithIt()
    {
        var session = await _gateway.OpenSessionAsync("bot-7");
        Samples.Append(session.Recorder, RecordKind.Command, Samples.Command("select 'before'"));
        var watching = _gateway.RunAsync("root", "sessions", "watch", "last");
        Samples.Append(session.Recorder, RecordKind.Command, Samples.Command("select 'later'"));
        Assert.False(watching.IsCompleted);
        await _gateway.Opener.CloseAsync(session, SessionEnd.ClientClosed, null);
        var run = await watching;
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("select 'before'", run.Out, StringComparison.Ordinal);
        Assert.Contains("select 'later'", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchingALiveSshSessionShowsItsChannels()
    {
        var session = await _gateway.OpenSshSessionAsync("bot-7");
        session.Recorder.Run(0, "tail -f log", "exec");
        session.Recorder.Output(0, "before\n");
        var watching = _gateway.RunAsync("root", "sessions", "watch", "last");
        session.Recorder.Output(0, "later\u001b[2J\n");
        Assert.False(watching.IsCompleted);
        await _gateway.Opener.CloseAsync(session, SessionEnd.ClientClosed, null);
        var run = await watching;
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("| before\n| later\\e[2J\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASessionIsShownWithItsCommands()
    {
        var session = await _gateway.OpenSshSessionAsync("bot-7");
        session.Recorder.Run(0, "rm \u001b[2J", "exec");
        var run = await _gateway.RunAsync("root", "sessions", "show", session.Id.ToString());
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("(ssh)", run.Out, StringComparison.Ordinal);
        Assert.Contains("commands  1\n", run.Out, StringComparison.Ordinal);
        Assert.Contains(@"#1  allow by reads: rm \e[2J", run.Out, StringComparison.Ordinal);
    }
}
