using Sallyport.Cli;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Cli;

public sealed class CommandTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("nonsense")]
    [InlineData("sessions")]
    [InlineData("sessions", "show")]
    [InlineData("sessions", "list", "--limit", "many")]
    [InlineData("secrets", "issue", "bot-7", "--for", "8")]
    [InlineData("sessions", "list")]
    public async Task WhatCannotBeReadIsAUsageErrorWithTheNextStep(params string[] args)
    {
        var run = await CliRun.RunAsync(args);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.StartsWith("  S", run.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal("", run.Out);
    }

    [Fact]
    public async Task EveryVerbHasHelp()
    {
        foreach (var verb in new[] { "check", "approvals", "sessions", "secrets" })
            Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync([verb, "--help"])).ExitCode);
    }

    [Fact]
    public async Task NoGatewayIsSaidSo()
    {
        var secret = _folder.Write("secret", "x");
        var run = await CliRun.RunAsync(["sessions", "list", "--socket", _folder["none.sock"], "--as", "dana", "--secret-file", secret]);
        Assert.Equal(ExitCode.CannotReach, run.ExitCode);
        Assert.Contains("sallyport serve", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckSaysEveryMistakeAndAnswersFive()
    {
        var file = _folder.Write("sallyport.yaml", "listen: { postgres: x }\nresources: []\nextra: 1\n");
        var run = await CliRun.RunAsync(["check", "--config", file]);
        Assert.Equal(ExitCode.BadConfiguration, run.ExitCode);
        Assert.Equal(2, run.Error.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task Threat90_ControlsInAnArgumentDoNotReachTheTerminal() =>
        Assert.DoesNotContain('\u001b', (await CliRun.RunAsync(["\u001b[2J"])).Error);

    public void Dispose() => _folder.Dispose();
}
