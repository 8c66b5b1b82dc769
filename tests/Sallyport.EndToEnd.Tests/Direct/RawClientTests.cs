using Sallyport.Testing.Postgres;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Direct;

/// <summary>Proves the raw client against real servers, and the scripted server against the raw client and a real one.</summary>
public sealed class RawClientTests : IClassFixture<DirectServers>
{
    private readonly DirectServers _servers;

    public RawClientTests(DirectServers servers)
    {
        _servers = servers;
    }

    [Fact]
    public async Task ScramLoginAndEverySplitOfAQueryWork()
    {
        await using var client = await RawPostgresClient.LoginAsync(_servers.Fifteen.Target);
        var query = Messages.Query("select 'whole'");

        for (var offset = 1; offset < query.Length; offset++)
        {
            await client.SendSplitAsync(query, offset);
            Assert.Equal("TDCZ", Types(await client.ReadThroughAsync('Z')));
        }
    }

    [Fact]
    public async Task TlsAndProtocolThreeTwoGiveALongCancelKey()
    {
        await using var client = await RawPostgresClient.LoginAsync(_servers.Eighteen.Target, Messages.ProtocolThreeTwo);

        Assert.Equal(32, client.CancelKey.Secret.Length);
        Assert.Equal("TDCZ", Types(await client.QueryAsync("select 1")));
    }

    [Fact]
    public async Task APipelineSkipsToSyncAfterAnError()
    {
        await using var client = await RawPostgresClient.LoginAsync(_servers.Fifteen.Target);

        await client.SendAsync(
            Messages.Parse("", "select $1::int / (random() * 0)::int"),
            Messages.Bind("", "", "1"),
            Messages.Execute(""),
            Messages.Describe('P', ""),
            Messages.Sync());
        var answer = await client.ReadThroughAsync('Z');

        Assert.Equal("12EZ", Types(answer));
        Assert.Equal("22012", answer[2].Field('C'));
    }

    [Theory]
    [InlineData("md5")]
    [InlineData("password")]
    public async Task PsqlPassesOtherPasswordMethods(string method)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresOptions { Authentication = method });

        var right = await ClientRunner.PsqlAsync("select 7", server.Target);
        var wrong = await ClientRunner.PsqlAsync("select 7", server.Target with { Password = "wrong" });

        Assert.Equal("7", right.Lines[^1]);
        Assert.Contains("password authentication failed", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AScriptedServerSendsAHugeRowAndLiesAboutColumns()
    {
        await using var huge = new ScriptedUpstream(UglyScripts.HugeRow(8 << 20));
        await using var client = await RawPostgresClient.LoginAsync(new ConnectionTarget("127.0.0.1", huge.Port, "any", "", "any"));
        Assert.Equal(8 << 20, (await client.QueryAsync("select 1"))[1].Body.Length);

        await using var lying = new ScriptedUpstream(UglyScripts.MoreValuesThanColumns);
        var result = await ClientRunner.PsqlAsync("select 1", new ConnectionTarget("127.0.0.1", lying.Port, "any", "", "any"));
        Assert.Contains("unexpected field count", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, lying.Accepted);
    }

    private static string Types(IEnumerable<PostgresMessage> messages) => string.Concat(messages.Select(message => message.Type));
}
