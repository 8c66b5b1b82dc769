using Sallyport.Cli;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Cli.Sessions;

/// <summary>Replay and export from the files alone.</summary>
public sealed class OfflineRecordsTests : IAsyncLifetime
{
    private RecordedFolder _folder = null!;

    public async Task InitializeAsync() => _folder = await RecordedFolder.MakeAsync("select 'first'", "select 'second \u001b[2J'");

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Threat90_TheLastSessionIsReplayedAndCannotDriveTheTerminal()
    {
        var run = await _folder.RunAsync("sessions", "replay", "last", "--offline", "--no-wait");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("allow by reads", run.Out, StringComparison.Ordinal);
        Assert.Contains("  > select 'second \\", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.DoesNotContain("first", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheEndOfAnIdNamesItsSessionAndTooShortAPartNone()
    {
        var id = _folder.Sessions[0].ToString();
        var run = await _folder.RunAsync("sessions", "export", id[^8..].ToLowerInvariant(), "--offline");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(3, run.Out.TrimEnd().Split('\n').Length);
        Assert.Contains("\"text\":\"select ", run.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("sessions", "export", id[^3..], "--offline")).ExitCode);
    }

    [Fact]
    public async Task APartThatTwoSessionsShareIsRefused()
    {
        var (first, second) = (_folder.Sessions[0].ToString(), _folder.Sessions[1].ToString());
        Assert.Equal(first[..6], second[..6]);
        var run = await _folder.RunAsync("sessions", "export", first[..6], "--offline");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("more than one", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExportedFileIsTheOwnersAlone()
    {
        var file = _folder["out.sql"];
        var id = _folder.Sessions[0].ToString();
        var run = await _folder.RunAsync("sessions", "export", id, "--format", "sql", "--out", file, "--offline");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Out));
        Assert.Contains("select 'first'\n;\n", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task ADamagedRecordingIsSaidSoInsteadOfShown()
    {
        _folder.Alter("first"u8);
        var run = await _folder.RunAsync("sessions", "replay", _folder.Sessions[0].ToString(), "--offline", "--no-wait");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("is damaged", run.Error, StringComparison.Ordinal);
        Assert.Contains("sessions verify", run.Error, StringComparison.Ordinal);
    }
}
