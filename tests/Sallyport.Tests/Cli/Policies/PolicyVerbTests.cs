using System.Text.Json;
using Sallyport.Cli;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Cli.Policies;

public sealed class PolicyVerbTests : IAsyncLifetime
{
    private RecordedFolder _folder = null!;

    public async Task InitializeAsync() => _folder = await RecordedFolder.MakeAsync();

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task ExplainSaysWhatWasReadWhatEachRuleSaidAndWhoWon()
    {
        var run = await _folder.RunAsync("policy", "explain", "--as", "BOT-7", "--on", "shop", "delete from customers");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        foreach (var line in new[]
        {
            "bot-7 on shop", "  write (delete) without where on customers", "  reads (allow): is about other effects",
            "verdict: deny by where", "  Add a WHERE clause.", "mask: public.customers.email email by mail",
        })
            Assert.Contains(line + "\n", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bot-7", "allow")]
    [InlineData("eve", "deny")]
    [InlineData("eve,agents", "allow")]
    [InlineData("bot-7,guests", "deny")]
    public async Task WhoAsksIsTheConfiguredPrincipalUnlessGroupsAreGiven(string who, string verdict)
    {
        var run = await _folder.RunAsync("policy", "explain", "--as", who, "--on", "shop", "select name from customers", "--json");
        using var json = JsonDocument.Parse(run.Out);
        Assert.Equal(verdict, json.RootElement.GetProperty("decision").GetProperty("kind").GetString());
        Assert.Equal("select", json.RootElement.GetProperty("effects")[0].GetProperty("verb").GetString());
    }

    [Fact]
    public async Task Threat90_ANameInTheCommandCannotDriveTheTerminalNorForgeALine()
    {
        const string text = "select * from \"a\u001b[2J\nverdict: allow by reads\"";
        var run = await _folder.RunAsync("policy", "explain", "--as", "bot-7", "--on", "shop", text);
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.Single(run.Out.Split('\n'), static line => line.StartsWith("verdict:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ExplainOnAnUnknownResourceNamesTheKnownOnes()
    {
        var run = await _folder.RunAsync("policy", "explain", "--as", "bot-7", "--on", "shoop", "select 1");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("The configuration has shop.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TestAnswersOneAndTheLineOfEachFailure()
    {
        Assert.Equal(new CliRun(ExitCode.Ok, "1 tests, 0 failed\n", ""), await _folder.RunAsync("policy", "test"));
        const string failing = "\n  - { as: { user: eve, groups: [agents] }, on: shop, run: delete from t, expect: allow }\n";
        _folder.Write("policy.yaml", Samples.Policy + failing);
        var run = await _folder.RunAsync("policy", "test");
        Assert.Equal((ExitCode.Failed, "2 tests, 1 failed\n"), (run.ExitCode, run.Out));
        Assert.Contains("policy.yaml:9:", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadConfiguration, (await _folder.RunAsync("check")).ExitCode);
    }

    [Fact]
    public async Task CheckReadsBothFilesAtOnce()
    {
        Assert.Equal(ExitCode.Ok, (await _folder.RunAsync("check")).ExitCode);
        _folder.Write("sallyport.yaml", Samples.Configuration + "\nextra: 1\n");
        _folder.Write("policy.yaml", Samples.Policy.Replace("then: allow", "then: alow", StringComparison.Ordinal));
        var run = await _folder.RunAsync("check");
        Assert.Equal(ExitCode.BadConfiguration, run.ExitCode);
        Assert.Contains("sallyport.yaml:8:", run.Error, StringComparison.Ordinal);
        Assert.Contains("policy.yaml:3:", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadConfiguration, (await _folder.RunAsync("policy", "test")).ExitCode);
    }
}
