using System.Text.Json;
using Sallyport.Cli;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Cli.Sessions;

public sealed class SessionsVerifyTests : IAsyncLifetime
{
    private RecordedFolder _folder = null!;

    public async Task InitializeAsync() => _folder = await RecordedFolder.MakeAsync("select 1 from customers", "select 2 from orders");

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task AnIntactRecordingAnswersZeroAndItsHeadIsFoundAgain()
    {
        var run = await _folder.RunAsync("sessions", "verify");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("6 records checked\nintact\nhead ", run.Out, StringComparison.Ordinal);
        var head = run.Out.TrimEnd()[^64..];
        Assert.Equal(ExitCode.Ok, (await _folder.RunAsync("sessions", "verify", "--head", head)).ExitCode);
        Assert.Equal(ExitCode.Failed, (await _folder.RunAsync("sessions", "verify", "--head", new string('0', 64))).ExitCode);
    }

    [Fact]
    public async Task Threat92_AnEditedByteIsNamedByRecordSessionSequenceAndOffset()
    {
        _folder.Alter("customers"u8);
        var run = await _folder.RunAsync("sessions", "verify");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("BROKEN: 1 findings", run.Out, StringComparison.Ordinal);
        var where = Assert.Single(run.Out.Split('\n'), static line => line.StartsWith("  segment ", StringComparison.Ordinal));
        Assert.Matches($@"segment \S+\.seg, block \d+, record 1, session {_folder.Sessions[0]}, sequence \d+, offset \d+$", where);
    }

    [Fact]
    public async Task Threat92_AnotherKeyThanTheKnownOneIsNoProof()
    {
        using var other = await RecordedFolder.MakeAsync("select 3");
        var run = await _folder.RunAsync("sessions", "verify", "--key", other["data/recording/recording.pub"]);
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("SealInvalid", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneSessionIsCountedAndOneThatIsNotThereIsNotIntact()
    {
        var id = _folder.Sessions[1].ToString();
        var run = await _folder.RunAsync("sessions", "verify", id, "--json");
        using var json = JsonDocument.Parse(run.Out);
        Assert.True(json.RootElement.GetProperty("intact").GetBoolean());
        Assert.Equal(3, json.RootElement.GetProperty("sessionRecords").GetInt32());
        var missing = new string('0', 26);
        Assert.Equal(ExitCode.Failed, (await _folder.RunAsync("sessions", "verify", missing)).ExitCode);
    }

    [Fact]
    public async Task WithoutARecordingItSaysSo()
    {
        Directory.Delete(_folder["data"], recursive: true);
        Assert.Equal(ExitCode.CannotUseFiles, (await _folder.RunAsync("sessions", "verify")).ExitCode);
    }
}
