using System.Text.Json;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;
using static Sallyport.EndToEnd.Tests.Gateway.Budgets.Answers;

namespace Sallyport.EndToEnd.Tests.Gateway.Budgets;

/// <summary>Statements per minute, budgets that only observe, and clients that stay within theirs.</summary>
[Collection(BudgetCollection.Name)]
public sealed class PaceTests
{
    private readonly BudgetGateway _shop;

    public PaceTests(BudgetGateway shop) => _shop = shop;

    public static TheoryData<ClientKind, Scenario, string, string> Expectations => Direct.ClientTests.Expectations;

    [Fact]
    public async Task StatementsBeyondThePaceAreRefusedAndATransactionCanStillEnd()
    {
        await using var client = await _shop.LoginAsync("hurried");
        Assert.Equal("CZt", Shape(await client.QueryAsync("begin")));
        await client.SendAsync(Messages.Parse("s", "select 1"), Messages.Bind("", "s"), Messages.Execute(""), Messages.Bind("", "s"), Messages.Execute(""), Messages.Sync());
        Assert.Equal("12(1)C2(1)CZt", Shape(await client.ReadThroughAsync('Z')));
        Assert.Equal("T(1)CZt", Shape(await client.QueryAsync("select 1")));

        await client.SendAsync(Messages.Bind("", "s"), Messages.Execute(""), Messages.Sync());

        var refused = await client.ReadThroughAsync('Z');
        Assert.Equal("2EZe", Shape(refused));
        Assert.Equal("42501", refused[1].Field('C'));
        Assert.Equal("refused by budget \"slow\": 4 statements a minute per session are used up", refused[1].Field('M'));
        Assert.Matches("^There is room again in \\d+ s.$", refused[1].Field('H'));
        Assert.Equal("CZi", Shape(await client.QueryAsync("rollback")));
        Assert.Equal("EZi", Shape(await client.QueryAsync("select 1")));
    }

    [Fact]
    public async Task EveryStatementOfATextCountsAndSoDoesWhatARuleRefuses()
    {
        await using var client = await _shop.LoginAsync("hurried");
        Assert.Equal("EZi", Shape(await client.QueryAsync("select 1; select 2; select 3; select 4; select 5")));

        await using var other = await _shop.LoginAsync("hurried");
        Assert.StartsWith("refused by rule", (await other.QueryAsync("drop table written"))[0].Field('M'), StringComparison.Ordinal);
        await other.SendAsync(Messages.Parse("", "drop table written"), Messages.Sync());
        Assert.StartsWith("refused by rule", (await other.ReadThroughAsync('Z'))[0].Field('M'), StringComparison.Ordinal);
        Assert.Equal("T(1)CT(1)CZi", Shape(await other.QueryAsync("select 1; select 2")));
        Assert.StartsWith("refused by budget \"slow\"", (await other.QueryAsync("select 3"))[0].Field('M'), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHeldCommandCountsOnceAtItsAsking()
    {
        await using var client = await _shop.LoginAsync("hurried");
        await client.SendAsync(Messages.Query("delete from written where n = -1"));
        var notice = (await client.ReadThroughAsync('N'))[^1];
        using var detail = JsonDocument.Parse(notice.Field('D')!);
        await _shop.SallyportAsync("approvals", "approve", detail.RootElement.GetProperty("hold").GetString()!, "--yes");

        Assert.Equal("CZi", Shape(await client.ReadThroughAsync('Z')));
        Assert.Equal("T(1)CT(1)CT(1)CZi", Shape(await client.QueryAsync("select 1; select 2; select 3")));
        Assert.Equal("EZi", Shape(await client.QueryAsync("select 4")));
    }

    [Fact]
    public async Task ABudgetThatObservesRefusesNothingAndIsRecorded()
    {
        await using (var client = await _shop.LoginAsync("watched"))
        {
            Assert.Equal("T(100)CZi", Shape(await client.QueryAsync("select n from many limit 100")));
            await client.QueryAsync("begin");
            Assert.Equal("CZt", Shape(await client.QueryAsync("insert into written select n from many where n <= 6")));
            Assert.Equal("CZi", Shape(await client.QueryAsync("rollback")));
            Assert.Equal("T(1)CZi", Shape(await client.QueryAsync("with gone as (delete from many where n < 0 returning n) select count(*) from gone")));
        }
        var recorded = await _shop.RecordedAsync("watched");
        foreach (var measure in (string[])["rowsRead", "rowsWritten", "statementsPerMinute"])
        {
            Assert.Single(recorded.Split('\n'), l => l.Contains("\"what\":\"observed\"", StringComparison.Ordinal) && l.Contains($"\"measure\":\"{measure}\"", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Expectations))]
    public async Task AClientWithinItsBudgetsSeesWhatTheServerSays(ClientKind client, Scenario scenario, string check, string expected)
    {
        var result = await ClientRunner.RunAsync(client, scenario, _shop.As("roomy"));

        Assert.Equal(expected, result[check]);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("extended")]
    [InlineData("prepared")]
    public async Task PgBenchRunsInEveryMode(string mode)
    {
        Assert.Equal(0, (await ClientRunner.PgBenchAsync(_shop.As("roomy"), "-i", "-q", "-s", "1")).ExitCode);
        var result = await ClientRunner.PgBenchAsync(_shop.As("roomy"), "-M", mode, "-c", "2", "-t", "20");

        Assert.Contains("40/40", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ERROR", result.Error, StringComparison.Ordinal);
    }
}
