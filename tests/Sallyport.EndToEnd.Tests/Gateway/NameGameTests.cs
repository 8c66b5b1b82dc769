using System.Text;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>
/// Names of statements, portals and cursors that the server and the gateway could take for different things. The write that none of
/// these may run needs a ticket, so a Parse of it passes and only its execution is refused.
/// </summary>
public sealed class NameGameTests : IClassFixture<ShopGateway>
{
    private const string Write =
        "merge into orders o using (values (2)) v(x) on o.id = v.x when matched then update set item = 'stolen'";

    private const string Harmless = "select item from orders where id = 1";

    private static readonly byte[] Failing = Messages.Bind("", "no such statement");

    private readonly ShopGateway _shop;

    public NameGameTests(ShopGateway shop) => _shop = shop;

    private static byte[] Run(string portal, string statement) => Messages.Join(Messages.Bind(portal, statement), Messages.Execute(portal));

    private static async Task<string> SendAsync(RawPostgresClient client, int answers, params byte[][] messages)
    {
        await client.SendAsync(messages);
        var all = new StringBuilder();
        for (var i = 0; i < answers; i++)
        {
            foreach (var message in await client.ReadThroughAsync('Z'))
                all.Append(message.Type).Append(Encoding.Latin1.GetString(message.Body)).Append('\n');
        }
        return all.ToString();
    }

    private async Task AssertUnharmedAsync(RawPostgresClient client)
    {
        Assert.Equal("lamp", (await _shop.TruthAsync("select item from orders where id = 2")).Trim());
        Assert.Contains(await client.QueryAsync("select 'alive'"), static m => m.Type == 'D');
    }

    [Fact]
    public async Task Threat19_AnUnnamedStatementWhoseReplacementWasSkippedIsNotRunAsTheReplacement()
    {
        await using var client = await _shop.LoginAsync("agent");
        await SendAsync(client, 1, Messages.Parse("", Write), Messages.Sync());

        await SendAsync(client, 2, Failing, Messages.Parse("", Harmless), Messages.Sync(), Run("", ""), Messages.Sync());

        await AssertUnharmedAsync(client);
    }

    [Fact]
    public async Task Threat19_ASqlPreparedStatementIsNotRunAsTheParseThatFailedOnItsName()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.QueryAsync("prepare n as " + Write);

        await SendAsync(client, 2, Messages.Parse("n", Harmless), Messages.Sync(), Run("", "n"), Messages.Sync());

        await AssertUnharmedAsync(client);
    }

    [Theory]
    [InlineData("deallocate n")]
    [InlineData("deallocate all")]
    [InlineData("discard all")]
    public async Task Threat19_AStatementDroppedBySqlIsForgotten(string drop)
    {
        await using var client = await _shop.LoginAsync("agent");
        await SendAsync(client, 1, Messages.Parse("n", Harmless), Messages.Sync());
        await client.QueryAsync(drop);

        await SendAsync(client, 2, Messages.Parse("n", Write), Messages.Sync(), Run("", "n"), Messages.Sync());

        await AssertUnharmedAsync(client);
    }

    [Theory]
    [InlineData("deallocate n; prepare n as " + Write)]
    [InlineData("deallocate all; prepare n as " + Write)]
    public async Task Threat18_AStatementReplacedBySqlIsNotRunAsWhatItWas(string replace)
    {
        await using var client = await _shop.LoginAsync("agent");
        await SendAsync(client, 1, Messages.Parse("n", Harmless), Messages.Sync());
        await client.QueryAsync(replace);

        await SendAsync(client, 1, Run("", "n"), Messages.Sync());

        await AssertUnharmedAsync(client);
    }

    [Fact]
    public async Task Threat19_NamesThatTheServerCutsAtTheSameByteAreOneName()
    {
        var stem = new string('x', 63);
        await using var client = await _shop.LoginAsync("agent");
        await SendAsync(client, 1, Messages.Parse(stem + "1", Harmless), Messages.Sync());
        await SendAsync(client, 1, Messages.Close('S', stem), Messages.Sync());
        await SendAsync(client, 1, Messages.Parse(stem + "2", Write), Messages.Sync());

        await SendAsync(client, 1, Run("", stem + "1"), Messages.Sync());

        await AssertUnharmedAsync(client);
    }

    [Theory]
    [InlineData("")]
    [InlineData("p")]
    public async Task Threat19_APortalWhoseReplacementWasSkippedIsNotRunAsTheReplacement(string portal)
    {
        await using var client = await _shop.LoginAsync("agent");
        await SendAsync(client, 1, Messages.Parse("w", Write), Messages.Parse("h", Harmless), Messages.Parse("b", "begin"), Messages.Parse("s", "savepoint s"),
            Messages.Parse("r", "rollback to s"), Messages.Sync());
        await SendAsync(client, 1, Run("x", "b"), Messages.Sync());
        await SendAsync(client, 1, Messages.Bind(portal, "w"), Messages.Sync());
        await SendAsync(client, 1, Run("y", "s"), Messages.Sync());
        await SendAsync(client, 1, Messages.Bind("z", "no such statement"), Messages.Bind(portal, "h"), Messages.Sync());
        await SendAsync(client, 1, Run("z", "r"), Messages.Sync());

        await SendAsync(client, 1, Messages.Execute(portal), Messages.Sync());

        await client.QueryAsync("commit");
        await AssertUnharmedAsync(client);
    }

    [Fact]
    public async Task Threat31_ACursorIsNotReadThroughAPortalThatHadItsName()
    {
        await using var client = await _shop.LoginAsync("agent");
        await SendAsync(client, 1, Messages.Parse("h", "select name from customers"), Messages.Bind("c", "h"), Messages.Describe('P', "c"), Messages.Execute("c"), Messages.Sync());
        await client.QueryAsync("begin; declare c cursor for select ssn from customers");

        var answer = await SendAsync(client, 1, Messages.Execute("c"), Messages.Sync());

        Assert.DoesNotContain("912-45-6781", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("begin; declare c cursor for select upper(ssn) from customers", "fetch all from c")]
    [InlineData("prepare c as select upper(ssn) from customers", "execute c")]
    public async Task Threat31_WhatIsRunByNameThroughTheProtocolIsMaskedByWhatItRuns(string define, string run)
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.QueryAsync(define);

        var answer = await SendAsync(client, 1, Messages.Parse("", run), Messages.Bind("", ""), Messages.Describe('P', ""), Messages.Execute(""), Messages.Sync());

        Assert.Contains("[redacted]", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("912-45-6781", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upper(item) from orders", "upper(ssn) from customers")]
    [InlineData("item from orders", "ssn from customers")]
    public async Task Threat31_AFetchThatWasPlannedForAnotherCursorOfThatNameIsPlannedAnew(string first, string second)
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.QueryAsync("begin; declare c cursor for select " + first);
        await SendAsync(client, 1, Messages.Parse("f", "fetch all from c"), Messages.Bind("", "f"), Messages.Describe('P', ""), Messages.Execute(""), Messages.Sync());
        await client.QueryAsync("close c; declare c cursor for select " + second);

        var answer = await SendAsync(client, 1, Run("", "f"), Messages.Sync());

        Assert.DoesNotContain("912-45-6781", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACursorReadThroughTheProtocolShowsOtherColumns()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.QueryAsync("begin; declare c cursor for select name, ssn from customers order by id");

        var answer = await SendAsync(client, 1, Messages.Parse("", "fetch 1 from c"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync());

        Assert.Contains("Zofia Kranz", answer, StringComparison.Ordinal);
        Assert.Contains("[redacted]", answer, StringComparison.Ordinal);
    }
}
