using System.Text.Json;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>A refused command leaves the session, the order of replies and the transaction as the server itself would.</summary>
public sealed class DenyTests : IClassFixture<ShopGateway>
{
    private readonly ShopGateway _shop;

    public DenyTests(ShopGateway shop) => _shop = shop;

    private static string Types(IEnumerable<PostgresMessage> messages) => string.Concat(messages.Select(static m => m.Type));

    [Fact]
    public async Task Threat22_TheCommandAfterARefusedOneWorks()
    {
        await using var client = await _shop.LoginAsync("agent");

        var refused = await client.QueryAsync("drop table orders");
        Assert.Equal("EZ", Types(refused));
        Assert.Equal("42501", refused[0].Field('C'));
        Assert.Equal("TDCZ", Types(await client.QueryAsync("select 1")));
        Assert.Equal("3", await _shop.TruthAsync("select count(*) from orders"));
    }

    [Fact]
    public async Task AnAgentCanReadFromTheDetailWhatToDo()
    {
        await using var client = await _shop.LoginAsync("agent");

        var error = (await client.QueryAsync("delete from orders"))[0];

        Assert.Contains("Add a WHERE clause.", error.Field('M'), StringComparison.Ordinal);
        using var detail = JsonDocument.Parse(error.Field('D')!);
        Assert.Equal("deny", detail.RootElement.GetProperty("decision").GetString());
        Assert.Equal("where", detail.RootElement.GetProperty("rule").GetString());
        Assert.Contains("read on shop is allowed", error.Field('H'), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select 1; drop table orders")]
    [InlineData("with x as (delete from payroll returning *) select * from x")]
    [InlineData("explain analyze delete from payroll where id = 1")]
    [InlineData("select * into copied from orders, payroll")]
    [InlineData("do $$ begin delete from orders; end $$")]
    [InlineData("select pg_read_file('/etc/passwd')")]
    [InlineData("copy orders to '/tmp/x'")]
    [InlineData("set role postgres")]
    [InlineData("select set_config('role', 'postgres', false)")]
    [InlineData("select * from PAYROLL")]
    [InlineData("select * from \"payroll\"")]
    [InlineData("select * from U&\"p\\0061yroll\"")]
    [InlineData("set standard_conforming_strings = off")]
    [InlineData("set client_encoding = 'SJIS'")]
    [InlineData("prepare p as drop table orders")]
    [InlineData("execute nobody_knows")]
    public async Task Threat15To18And28To29_WhateverHidesItIsRefusedWhole(string sql)
    {
        await using var client = await _shop.LoginAsync("agent");

        var messages = await client.QueryAsync(sql);

        Assert.Equal("EZ", Types(messages));
        Assert.Equal("TDCZ", Types(await client.QueryAsync("select 1")));
    }

    [Fact]
    public async Task Threat23_InAPipelineTheOthersKeepTheirPlaces()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.SendAsync(Messages.Parse("", "create temp table piped (a int)"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync());
        Assert.Equal("12CZ", Types(await client.ReadThroughAsync('Z')));
        await using var agent = await _shop.LoginAsync("agent");

        await agent.SendAsync(
            Messages.Parse("", "select 1"), Messages.Bind("", ""), Messages.Execute(""),
            Messages.Parse("", "drop table orders"), Messages.Bind("", ""), Messages.Execute(""),
            Messages.Parse("", "select 2"), Messages.Bind("", ""), Messages.Execute(""),
            Messages.Sync(),
            Messages.Parse("", "select 3"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync());

        Assert.Equal("12DCEZ", Types(await agent.ReadThroughAsync('Z')));
        Assert.Equal("12DCZ", Types(await agent.ReadThroughAsync('Z')));
    }

    [Fact]
    public async Task Threat24_ARefusalInATransactionFailsItAsTheServerSays()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.QueryAsync("begin");
        await client.QueryAsync("select * from orders");

        var refused = await client.QueryAsync("drop table orders");
        Assert.Equal("E", System.Text.Encoding.ASCII.GetString(refused[^1].Body));
        Assert.Contains("ROLLBACK", (await client.QueryAsync("commit"))[0].Text, StringComparison.Ordinal);
        Assert.Equal("0", await _shop.TruthAsync("select count(*) from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'orders'"));
        Assert.Equal("TDCZ", Types(await client.QueryAsync("select 1")));
    }

    [Fact]
    public async Task Threat19_AStatementPreparedAnewUnderTheSameNameIsJudgedAnew()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(Messages.Parse("s", "select 1"), Messages.Bind("", "s"), Messages.Execute(""), Messages.Sync());
        Assert.Equal("12DCZ", Types(await client.ReadThroughAsync('Z')));

        await client.SendAsync(Messages.Close('S', "s"), Messages.Parse("s", "drop table orders"), Messages.Bind("", "s"), Messages.Execute(""), Messages.Sync());

        Assert.Equal("3EZ", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("3", await _shop.TruthAsync("select count(*) from orders"));
    }

    [Fact]
    public async Task Threat21_AFunctionCallIsOpaque()
    {
        await using var client = await _shop.LoginAsync("agent");

        // lo_unlink(964) of object 1, one argument of four bytes in binary.
        await client.SendAsync(Messages.Message('F', Messages.Int32(964), Messages.Int16(1), Messages.Int16(1), Messages.Int16(1), Messages.Int32(4), Messages.Int32(1), Messages.Int16(1)));

        var messages = await client.ReadThroughAsync('Z');
        Assert.Equal("EZ", Types(messages));
        Assert.Equal("42501", messages[0].Field('C'));
    }

    [Fact]
    public async Task Threat18_ExecuteIsJudgedByWhatWasPrepared()
    {
        await using var client = await _shop.LoginAsync("engineer");
        Assert.Equal("CZ", Types(await client.QueryAsync("prepare p(int) as select * from orders where id = $1")));
        Assert.Equal("TDCZ", Types(await client.QueryAsync("execute p(1)")));
        Assert.Equal("CZ", Types(await client.QueryAsync("deallocate p")));
        Assert.Equal("26000", (await client.QueryAsync("execute p(1)"))[0].Field('C'));
    }

    [Fact]
    public async Task ASyntaxErrorIsToldInTheServersWords()
    {
        await using var client = await _shop.LoginAsync("agent");

        var error = (await client.QueryAsync("selct 1"))[0];

        Assert.Equal("42601", error.Field('C'));
        Assert.Equal("syntax error at or near \"selct\"", error.Field('M'));
    }

    [Fact]
    public async Task ARefusedCopyInToleratesDataThatWasOnItsWay()
    {
        await using var client = await _shop.LoginAsync("agent");

        await client.SendAsync(Messages.Query("copy payroll from stdin"), Messages.Message('d', "1\tx\t2\n"u8.ToArray()), Messages.Message('c'), Messages.Query("select 1"));

        Assert.Equal("EZ", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("TDCZ", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("1", await _shop.TruthAsync("select count(*) from payroll"));
    }

    [Fact]
    public async Task Threat18And19_ANameFreedBySqlAndPreparedAnewIsJudgedByWhatItRunsNow()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(Messages.Parse("s1", "select 1"), Messages.Sync());
        Assert.Equal("1Z", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("CZ", Types(await client.QueryAsync("deallocate s1")));
        await client.SendAsync(Messages.Parse("s1", "delete from orders where id = 3"), Messages.Sync());
        Assert.Equal("1Z", Types(await client.ReadThroughAsync('Z')));

        await client.SendAsync(Messages.Bind("", "s1"), Messages.Execute(""), Messages.Sync());

        // The delete is held, not run as the select that bore its name.
        PostgresMessage notice;
        do
            notice = await client.ReadAsync();
        while (notice.Type == '2');
        Assert.Equal('N', notice.Type);
        Assert.Equal("1", await _shop.TruthAsync("select count(*) from orders where id = 3"));
    }

    [Fact]
    public async Task Threat19_ABindThatFailedDoesNotLendItsVerdictToThePortalItDidNotReplace()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.QueryAsync("begin");
        await client.SendAsync(
            Messages.Parse("del", "delete from orders where id = 2"), Messages.Parse("one", "select 1"), Messages.Parse("save", "savepoint a"), Messages.Bind("p", "del"), Messages.Sync());
        Assert.Equal("1112Z", Types(await client.ReadThroughAsync('Z')));
        await client.SendAsync(Messages.Bind("x", "save"), Messages.Execute("x"), Messages.Sync());
        Assert.Equal("2CZ", Types(await client.ReadThroughAsync('Z')));

        // The second Bind of p fails (the cursor exists), so p is still the delete.
        await client.SendAsync(Messages.Bind("p", "one"), Messages.Sync());
        Assert.Equal("EZ", Types(await client.ReadThroughAsync('Z')));
        await client.QueryAsync("rollback to a");
        await client.SendAsync(Messages.Execute("p"), Messages.Sync());

        Assert.Equal("34000", (await client.ReadThroughAsync('Z'))[0].Field('C'));
        Assert.Equal("1", await _shop.TruthAsync("select count(*) from orders where id = 2"));
    }

    [Fact]
    public async Task ALongPipelineThatEndsInCopyInDoesNotHang()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.QueryAsync("create table if not exists piped_copy (a int)");
        var messages = Enumerable.Range(0, 150).SelectMany(static i => (byte[][])[Messages.Parse("", $"select {i}"), Messages.Bind("", ""), Messages.Execute("")]);

        await client.SendAsync([.. messages, Messages.Sync(), Messages.Query("copy piped_copy from stdin"), Messages.Message('d', "7\n"u8.ToArray()), Messages.Message('c'), Messages.Query("select 8")]);

        await client.ReadThroughAsync('Z');
        Assert.Equal("GCZ", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("TDCZ", Types(await client.ReadThroughAsync('Z')));
    }
}
