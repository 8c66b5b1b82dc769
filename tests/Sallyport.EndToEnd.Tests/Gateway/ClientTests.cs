using Sallyport.Testing.Postgres;
using Sallyport.Testing.Runners;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>Every real client behaves through the gateway as it does without it.</summary>
public sealed class ClientTests : IClassFixture<ShopGateway>
{
    private readonly ShopGateway _shop;

    public ClientTests(ShopGateway shop) => _shop = shop;

    public static TheoryData<ClientKind, Scenario, string, string> Expectations => Direct.ClientTests.Expectations;

    [Theory]
    [MemberData(nameof(Expectations))]
    public async Task AClientSeesWhatTheServerSays(ClientKind client, Scenario scenario, string check, string expected)
    {
        var result = await ClientRunner.RunAsync(client, scenario, _shop.As("engineer"));

        Assert.Equal(expected, result[check]);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData(ClientKind.Psql)]
    [InlineData(ClientKind.PsqlOnLibpq18)]
    public async Task PsqlPrintsTheSameAsWithoutTheGateway(ClientKind client)
    {
        var direct = _shop.Server.Target with { Database = "shop" };
        foreach (var scenario in (Scenario[])[Scenario.Types, Scenario.Prepared, Scenario.Transaction, Scenario.Copy, Scenario.Cursor, Scenario.Big, Scenario.Error])
        {
            var through = await ClientRunner.RunAsync(client, scenario, _shop.As("engineer"));
            Assert.Equal((await ClientRunner.RunAsync(client, scenario, direct)).Output, through.Output);
        }
    }

    [Fact]
    public async Task LibpqEighteenSpeaksProtocolThreeTwoToTheGateway()
    {
        var result = await ClientRunner.PsqlAsync("\\c \"min_protocol_version=3.2\"\nselect 'three two';\n", _shop.As("engineer"), PostgresInstallation.Eighteen.LibraryPath);

        Assert.Equal("three two", result.Lines[^1]);
    }

    [Fact]
    public async Task PgDumpIsByteIdentical()
    {
        var direct = await ClientRunner.PgDumpAsync(_shop.Server.Target with { Database = "shop" });
        var through = await ClientRunner.PgDumpAsync(_shop.As("engineer"));

        Assert.Equal(0, through.ExitCode);
        Assert.Equal(WithoutToken(direct.Output), WithoutToken(through.Output));

        // \restrict and \unrestrict carry a random token of each run.
        static IEnumerable<string> WithoutToken(string dump) => dump.Split('\n').Where(static line => !line.Contains("restrict ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("extended")]
    [InlineData("prepared")]
    public async Task PgBenchRunsInEveryMode(string mode)
    {
        Assert.Equal(0, (await ClientRunner.PgBenchAsync(_shop.As("engineer"), "-i", "-q", "-s", "1")).ExitCode);
        var result = await ClientRunner.PgBenchAsync(_shop.As("engineer"), "-M", mode, "-c", "2", "-t", "20");

        Assert.Contains("40/40", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ERROR", result.Error, StringComparison.Ordinal);
    }
}
