using Sallyport.Cli;
using Sallyport.Cli.Demo;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Cli.Demo;

public sealed class DemoFilesTests : IDisposable
{
    private static readonly DemoPorts Ports = new(6432, 6433, null);
    private readonly TemporaryFolder _temporary = new();
    private readonly DemoFolder _folder;

    public DemoFilesTests()
    {
        // As root the database goes elsewhere when others may not pass the folder.
        File.SetUnixFileMode(_temporary.Path, File.GetUnixFileMode(_temporary.Path) | UnixFileMode.OtherExecute);
        _folder = new DemoFolder(_temporary["demo"]);
        _folder.Prepare();
        DemoFiles.Write(_folder, Ports);
    }

    [Fact]
    public async Task BothFilesPassTheGatewaysOwnCheckAndThePolicyItsOwnTests()
    {
        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["check", "--config", _folder.Config])).ExitCode);
        var run = await CliRun.RunAsync(["policy", "test", "--config", _folder.Config]);
        Assert.Equal((ExitCode.Ok, "4 tests, 0 failed\n"), (run.ExitCode, run.Out));
    }

    [Fact]
    public void AnotherStartKeepsSecretsAndTheUsersEditsAndGivesClientsTheNewPort()
    {
        var secret = DemoFolder.Read(_folder.AgentSecret);
        File.AppendAllText(_folder.PolicyFile, "# mine\n");
        _folder.Prepare();
        DemoFiles.Write(_folder, Ports with { Gateway = 7000 });
        Assert.Equal(secret, DemoFolder.Read(_folder.AgentSecret));
        Assert.EndsWith("# mine\n", File.ReadAllText(_folder.PolicyFile), StringComparison.Ordinal);
        Assert.Contains("port=7000\n", File.ReadAllText(_folder.ClientFile), StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderHasOneDemoAtATime()
    {
        using var first = _folder.Lock();
        Assert.Equal(ExitCode.StateLocked, Assert.Throws<CliFailure>(() => _folder.Lock()).ExitCode);
    }

    [Fact]
    public void PrintedLinesNameFilesThatAreThereAndNoSecret()
    {
        using var output = new StringWriter();
        using var input = new StringReader("");
        new DemoPage(new CliContext { Out = output, Error = output, In = input }, _folder, Ports, "psql").Print();
        var text = output.ToString();
        foreach (var file in new[] { _folder.ClientFile, _folder.Config, _folder.PersonSecret, _folder.PolicyFile })
        {
            Assert.Contains(file, text, StringComparison.Ordinal);
            Assert.True(File.Exists(file));
        }
        Assert.DoesNotContain(DemoFolder.Read(_folder.PersonSecret), text, StringComparison.Ordinal);
        Assert.DoesNotContain(DemoFolder.Read(_folder.AgentSecret), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APidFileWhoseProcessIsAnotherProgramIsRemovedAndTheProgramLives()
    {
        Directory.CreateDirectory(_folder.Cluster);
        var file = Path.Combine(_folder.Cluster, "postmaster.pid");
        await File.WriteAllTextAsync(file, $"{Environment.ProcessId}\n");
        await StaleServer.EndAsync(_folder, CancellationToken.None);
        Assert.False(File.Exists(file));
    }

    public void Dispose() => _temporary.Dispose();
}
