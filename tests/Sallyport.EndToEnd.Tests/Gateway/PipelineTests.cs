using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>Which reply answers which message, where the server's rules about skipping and COPY make it hard to tell.</summary>
public sealed class PipelineTests : IClassFixture<ShopGateway>
{
    private readonly ShopGateway _shop;

    public PipelineTests(ShopGateway shop) => _shop = shop;

    private static string Types(IEnumerable<PostgresMessage> messages) => string.Concat(messages.Select(static m => m.Type));

    private static byte[] Flush() => Messages.Message('H');

    private static async Task AssertAliveAsync(RawPostgresClient client) => Assert.Equal("TDCZ", Types(await client.QueryAsync("select 'alive'")));

    [Fact]
    public async Task AQueryThatTheServerSkipsWithTheRestOfAFailedPipelineLeavesNoTrace()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.SendAsync(Messages.Parse("", "select nothing_like_it"), Flush());
        Assert.Equal('E', (await client.ReadAsync()).Type);

        await client.SendAsync(Messages.Query("select 1"), Messages.Sync());

        Assert.Equal("Z", Types(await client.ReadThroughAsync('Z')));
        await AssertAliveAsync(client);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(5000)]
    public async Task ALongPipelineWithoutSyncIsAnsweredWhole(int statements)
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.SendAsync([.. Enumerable.Range(0, statements).Select(static i => Messages.Parse("s" + i, "select 1")), Messages.Sync()]);

        var answer = Types(await client.ReadThroughAsync('Z'));

        Assert.Equal(new string('1', statements) + "Z", answer);
        await AssertAliveAsync(client);
    }

    [Fact]
    public async Task ALongPipelineThatFailsAtItsStartIsSkippedWhole()
    {
        await using var client = await _shop.LoginAsync("engineer");

        await client.SendAsync([Messages.Parse("", "select nothing_like_it"), .. Enumerable.Range(0, 3000).Select(static i => Messages.Parse("s" + i, "select 1")), Messages.Sync()]);

        Assert.Equal("EZ", Types(await client.ReadThroughAsync('Z')));
        await AssertAliveAsync(client);
    }

    [Fact]
    public async Task ACopyBehindALongPipelineIsNotWaitedForInVain()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists copied (id int)");
        await client.SendAsync(
            [.. Enumerable.Range(0, 510).Select(static i => Messages.Parse("s" + i, "select 1")), Messages.Parse("", "copy copied from stdin"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync()]);
        await client.ReadThroughAsync('G');

        await client.SendAsync(Messages.Message('d', "1\n"u8.ToArray()), Messages.Message('c'), Messages.Sync());

        Assert.Equal("CZ", Types(await client.ReadThroughAsync('Z')));
        await AssertAliveAsync(client);
    }

    [Theory]
    [InlineData("c", "1\n", "CZ")]
    [InlineData("c", "x\n", "EZ")]
    [InlineData("f", "1\n", "EZ")]
    public async Task ACopyRunByExecuteEndsAsDirectly(string end, string data, string expected)
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists copied (id int)");
        await client.SendAsync(Messages.Parse("", "copy copied from stdin"), Messages.Bind("", ""), Messages.Describe('P', ""), Messages.Execute(""), Messages.Sync());
        await client.ReadThroughAsync('G');

        await client.SendAsync(Messages.Message('d', System.Text.Encoding.UTF8.GetBytes(data)), end == "c" ? Messages.Message('c') : Messages.Message('f', Messages.CString("no")), Messages.Sync());

        Assert.Equal(expected, Types(await client.ReadThroughAsync('Z')));
        await AssertAliveAsync(client);
    }

    [Fact]
    public async Task CommandsBehindTheEndOfACopyDoNotWaitForItsAnswer()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists copied (id int)");
        await client.SendAsync(Messages.Query("copy copied from stdin"));
        await client.ReadThroughAsync('G');

        await client.SendAsync(Messages.Message('d', "1\n"u8.ToArray()), Messages.Message('c'), Messages.Query("select 1"), Messages.Query("select 2"), Messages.Query("select 3"));

        Assert.Equal("CZ", Types(await client.ReadThroughAsync('Z')));
        for (var i = 0; i < 3; i++)
            Assert.Equal("TDCZ", Types(await client.ReadThroughAsync('Z')));
    }

    [Fact]
    public async Task TheDataOfACopyWhoseParseFailedIsIgnoredAsByTheServer()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("begin");
        await client.QueryAsync("select 1/0");
        await client.SendAsync(Messages.Parse("", "copy orders from stdin"), Flush());
        Assert.Equal("25P02", (await client.ReadAsync()).Field('C'));

        await client.SendAsync(Messages.Bind("", ""), Messages.Execute(""), Messages.Message('d', "1\n"u8.ToArray()), Messages.Message('c'), Messages.Sync());

        Assert.Equal("Z", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("CZ", Types(await client.QueryAsync("rollback")));
    }

    [Fact]
    public async Task Threat8_ACommandSentBlindlyIntoACopyEndsTheSessionAndNothingIsMisread()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists copied (id int)");

        await client.SendAsync(Messages.Query("copy copied from stdin"), Messages.Query("select 1"));

        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Threat8_ACommandSentIntoTheSecondCopyOfOneQueryEndsTheSession()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists copied (id int)");
        await client.SendAsync(Messages.Query("copy copied from stdin; copy copied from stdin"));
        await client.ReadThroughAsync('G');

        await client.SendAsync(Messages.Message('c'), Messages.Query("select 1"));

        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Threat8_MoreSyncsThanOneBeforeCopyDataEndTheSession()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists copied (id int)");

        await client.SendAsync(Messages.Parse("", "copy copied from stdin"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync(), Messages.Sync());

        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task TwoCopiesInOneQueryRunOneAfterTheOther()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists copied (id int)");
        await client.SendAsync(Messages.Query("copy copied from stdin; copy copied from stdin; select 7"));
        await client.ReadThroughAsync('G');
        await client.SendAsync(Messages.Message('d', "1\n"u8.ToArray()), Messages.Message('c'));
        await client.ReadThroughAsync('G');

        await client.SendAsync(Messages.Message('d', "2\n"u8.ToArray()), Messages.Message('c'));

        Assert.Equal("CTDCZ", Types(await client.ReadThroughAsync('Z')));
        await AssertAliveAsync(client);
    }
}
