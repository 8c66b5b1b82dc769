using System.Diagnostics;
using Sallyport.Cli.Demo;

namespace Sallyport.Tests.Cli.Demo;

/// <summary>How the demo treats the programs it starts.</summary>
public sealed class ChildProcessTests
{
    [Fact]
    public async Task ASignalNeedsNoProgramBesidesTheShell()
    {
        using var sleeper = Process.Start("sleep", "60");

        await ChildProcess.SignalAsync(sleeper.Id, "TERM", CancellationToken.None);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await sleeper.WaitForExitAsync(patience.Token);
        Assert.Equal(128 + 15, sleeper.ExitCode);
    }
}
