using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>Messages in orders that no driver sends, and what is refused among them: the answers stay those of the server.</summary>
public sealed class HostileWireTests : IClassFixture<ShopGateway>
{
    private readonly ShopGateway _shop;

    public HostileWireTests(ShopGateway shop) => _shop = shop;

    private static byte[] Flush => Messages.Message('H');

    private static byte[] Data(string rows) => Messages.Message('d', System.Text.Encoding.UTF8.GetBytes(rows));

    private static byte[] Ended => Messages.Message('c');

    /// <summary>Messages sent in one piece, all of which anybody may send.</summary>
    private static readonly Dictionary<string, byte[][]> Pipelines = new()
    {
        ["three syncs"] = [Messages.Sync(), Messages.Sync(), Messages.Sync()],
        ["what is not there"] =
        [
            Messages.Execute("no"), Messages.Sync(), Messages.Describe('S', "no"), Messages.Sync(), Messages.Describe('P', "no"), Messages.Sync(),
            Messages.Close('S', "no"), Messages.Close('P', "no"), Messages.Sync(), Messages.Bind("", ""), Messages.Sync(),
        ],
        ["closed and used"] = [Messages.Parse("a", "select 1"), Messages.Close('S', "a"), Messages.Bind("", "a"), Messages.Execute(""), Messages.Sync()],
        ["parsed twice"] =
            [Messages.Parse("a", "select 1"), Messages.Sync(), Messages.Parse("a", "select 'other'"), Messages.Sync(), Messages.Bind("", "a"), Messages.Execute(""), Messages.Sync()],
        ["a name too long"] =
        [
            Messages.Parse(new string('a', 70), "select 1"), Messages.Sync(), Messages.Parse(new string('a', 63) + "zz", "select 2"), Messages.Sync(),
            Messages.Bind("", new string('a', 63)), Messages.Execute(""), Messages.Sync(),
        ],
        ["unnamed lost by a Query"] = [Messages.Parse("", "select 1"), Messages.Sync(), Messages.Query("select 2"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync()],
        ["unnamed lost by a failed Parse"] = [Messages.Parse("", "select 1"), Messages.Sync(), Messages.Parse("", "nonsense"), Messages.Sync(), Messages.Bind("", ""), Messages.Sync()],
        ["a portal across a transaction"] =
        [
            Messages.Query("begin"), Messages.Parse("a", "select generate_series(1, 3)"), Messages.Bind("p", "a"), Messages.Execute("p", 1), Messages.Sync(),
            Messages.Execute("p", 1), Messages.Close('P', "p"), Messages.Execute("p"), Messages.Sync(), Messages.Query("rollback"),
        ],
        ["a portal bound twice"] = [Messages.Parse("a", "select 1"), Messages.Bind("p", "a"), Messages.Bind("p", "a"), Messages.Execute("p"), Messages.Sync()],
        ["empty texts"] = [Messages.Query(""), Messages.Query(" ;; "), Messages.Parse("", ""), Messages.Bind("", ""), Messages.Describe('P', ""), Messages.Execute(""), Messages.Sync()],
        ["a failed COPY"] =
        [
            Messages.Parse("", "copy copied from stdin"), Messages.Bind("", ""), Messages.Execute(""), Data("1\n"), Messages.Message('f', Messages.CString("no")), Messages.Sync(),
            Messages.Query("select count(*) from copied"),
        ],
        ["a COPY ended twice"] = [Messages.Query("copy copied from stdin"), Data("x\n"), Ended, Ended, Messages.Query("select count(*) from copied")],
        ["a flush inside COPY"] = [Messages.Query("copy copied from stdin"), Flush, Data("x\n"), Flush, Ended, Messages.Query("select count(*) from copied")],
        ["40000 parameters too many"] = [Messages.Parse("", "select 1"), Messages.Bind("", "", [.. Enumerable.Repeat("x", 40000)]), Messages.Sync(), Messages.Query("select 1")],
    };

    public static TheoryData<string> Names => new(Pipelines.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task AnUnusualOrderIsAnsweredAsWithoutAGateway(string name)
    {
        await _shop.TruthAsync("create table if not exists copied (id int)");
        await using var client = await _shop.LoginAsync("engineer");
        await using var direct = await RawPostgresClient.LoginAsync(_shop.Server.Target with { Database = "shop" });

        Assert.Equal(await PlayAsync(direct, Pipelines[name]), await PlayAsync(client, Pipelines[name]));
    }

    [Fact]
    public async Task Threat23_NoNameThatAClientCanGiveMakesARefusalSucceed()
    {
        await _shop.TruthAsync("create table if not exists named (id int)");
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(Messages.Parse("\x01sallyport", "select 7"), Messages.Bind("\x01sallyport", "\x01sallyport"), Messages.Sync());
        await client.ReadThroughAsync('Z');
        await client.QueryAsync("prepare \"\x01sallyport modified\" as select 7");

        var answer = await PlayAsync(client, Messages.Parse("", "select 1"), Messages.Bind("", ""), Messages.Execute(""), Messages.Parse("", "drop table named"), Messages.Sync());

        Assert.Equal("1 2 D C:SELECT 1 E:42501 Z:I", answer);
    }

    [Fact]
    public async Task Threat23_ARefusalIsToldAtAFlushAndTheRestIsSkippedToTheSync()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(Messages.Parse("", "drop table orders"), Flush);
        Assert.Equal("42501", (await client.ReadAsync()).Field('C'));

        Assert.Equal("Z:I T D C:SELECT 1 Z:I", await PlayAsync(client, Messages.Bind("", ""), Messages.Execute(""), Flush, Messages.Sync(), Messages.Query("select 1")));
    }

    [Fact]
    public async Task Threat23_CopyDataBehindARefusedCopyIsIgnored()
    {
        await using var client = await _shop.LoginAsync("agent");
        const string copy = "copy payroll from stdin";

        Assert.Equal("E:42501 Z:I T D C:SELECT 1 Z:I", await PlayAsync(client, Messages.Query(copy), Data("1\n"), Ended, Messages.Query("select 1")));
        Assert.Equal("E:42501 Z:I T D C:SELECT 1 Z:I", await PlayAsync(
            client, Messages.Parse("", copy), Messages.Bind("", ""), Messages.Execute(""), Data("1\n"), Ended, Messages.Sync(), Messages.Query("select 1")));
    }

    [Fact]
    public async Task Threat23_ARefusalRightBehindTheEndOfACopyLeavesTheSessionAlive()
    {
        await _shop.TruthAsync("create table if not exists copied (id int)");
        await using var client = await _shop.LoginAsync("engineer");
        await client.SendAsync(Messages.Query("copy copied from stdin"));
        await client.ReadThroughAsync('G');

        var answer = await PlayAsync(client, Data("1\n"), Ended, Messages.Query("set client_encoding = 'SJIS'"), Messages.Query("select 1"));

        Assert.Equal("C:COPY 1 Z:I E:42501 Z:I T D C:SELECT 1 Z:I", answer);
    }

    [Fact]
    public async Task Threat24_WhatCommitSaysAfterARefusalIsWhatTheServerDid()
    {
        await using var client = await _shop.LoginAsync("agent");

        var answer = await PlayAsync(
            client, Messages.Query("begin"), Messages.Query("create table truth (id int)"), Messages.Parse("", "drop table orders"), Messages.Sync(),
            Messages.Parse("", "commit"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync());

        Assert.Equal("C:BEGIN Z:T C:CREATE TABLE Z:T E:42501 Z:E 1 2 C:ROLLBACK Z:I", answer);
        Assert.Equal("", await _shop.TruthAsync("select to_regclass('truth')"));
    }

    [Fact]
    public async Task Threat34_APipelineSplitAtEveryByteIsAnsweredTheSame()
    {
        await using var client = await _shop.LoginAsync("agent");
        var pipeline = Messages.Join(
            Messages.Parse("s", "select ssn, name from customers where id = $1"), Messages.Bind("", "s", "1"), Messages.Execute(""), Messages.Parse("", "drop table orders"),
            Messages.Bind("", ""), Messages.Sync(), Messages.Close('S', "s"), Messages.Sync());

        for (var offset = 1; offset < pipeline.Length; offset++)
        {
            await client.SendSplitAsync(pipeline, offset);
            Assert.Equal("1 2 D C:SELECT 1 E:42501 Z:I", Print(await client.ReadThroughAsync('Z')));
            Assert.Equal("3 Z:I", Print(await client.ReadThroughAsync('Z')));
        }
    }

    /// <summary>Sends all in one piece and reads the answers of each Sync and Query.</summary>
    private static async Task<string> PlayAsync(RawPostgresClient client, params byte[][] messages)
    {
        await client.SendAsync(messages);
        var answers = new List<PostgresMessage>();
        // The Sync behind the data of a COPY run by Execute answers; those before the data are not sent here.
        for (var due = messages.Count(static m => m[0] is (byte)'S' or (byte)'Q') + (messages[0][0] == 'd' ? 1 : 0); due > 0; due--)
            answers.AddRange(await client.ReadThroughAsync('Z'));
        return Print(answers);
    }

    private static string Print(IEnumerable<PostgresMessage> messages) => string.Join(' ', messages.Where(static m => m.Type is not ('S' or 'N')).Select(static m => m.Type switch
    {
        'E' => "E:" + m.Field('C'),
        'C' or 'Z' => $"{m.Type}:{m.Text.TrimEnd('\0', ' ')}",
        var type => type.ToString(),
    }));
}
