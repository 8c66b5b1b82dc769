using Npgsql;
using Sallyport.Testing.Wire;
using static Sallyport.EndToEnd.Tests.Gateway.Budgets.Answers;

namespace Sallyport.EndToEnd.Tests.Gateway.Budgets;

/// <summary>Rows that are written: what writes too many is not committed wherever the server can still be kept from it.</summary>
[Collection(BudgetCollection.Name)]
public sealed class RowsWrittenTests : IAsyncLifetime
{
    private const string InsertSix = "insert into written select n from many where n <= 6";
    private const string InsertTwo = "insert into written select n from many where n <= 2";

    private readonly BudgetGateway _shop;
    private RawPostgresClient _client = null!;

    public RowsWrittenTests(BudgetGateway shop) => _shop = shop;

    public async Task InitializeAsync()
    {
        await _shop.TruthAsync("truncate written");
        _client = await _shop.LoginAsync("writer");
    }

    public async Task DisposeAsync() => await _client.DisposeAsync();

    private Task<string> WrittenAsync() => _shop.TruthAsync("select count(*) from written");

    private async Task<string> AskAsync(params byte[][] messages)
    {
        await _client.SendAsync(messages);
        return Shape(await _client.ReadThroughAsync('Z'));
    }

    private static byte[][] Run(string sql) => [Messages.Parse("", sql), Messages.Bind("", ""), Messages.Execute("")];

    [Fact]
    public async Task InATransactionTheStatementIsUndoneAndTheTransactionCannotCommit()
    {
        await _client.QueryAsync("begin");
        Assert.Equal("CZt", Shape(await _client.QueryAsync(InsertTwo)));

        var answer = await _client.QueryAsync(InsertSix);

        Assert.Equal("EZe", Shape(answer));
        Assert.Equal("42501", answer[0].Field('C'));
        Assert.Equal("undone by budget \"few-writes\": it wrote 6 rows, and 3 are left of 5 rows written per session within 60 min", answer[0].Field('M'));
        Assert.StartsWith("ROLLBACK", (await _client.QueryAsync("commit"))[0].Text, StringComparison.Ordinal);
        Assert.Equal("0", await WrittenAsync());

        // What was undone is not counted; what the client wrote before is.
        Assert.Equal("CZi", Shape(await _client.QueryAsync("insert into written values (1), (2), (3)")));
        Assert.Equal("EZi", Shape(await _client.QueryAsync("insert into written values (4)")));
        Assert.Equal("T(1)CZi", Shape(await _client.QueryAsync("select 1")));
        Assert.Equal("3", await WrittenAsync());
    }

    [Theory]
    [InlineData("update many set n = n where n <= 6")]
    [InlineData("delete from many where n <= 6")]
    [InlineData("merge into many m using (select n from many where n <= 6) s on m.n = s.n when matched then delete")]
    [InlineData("with s as (select n from many where n <= 6) delete from many where n in (select n from s)")]
    [InlineData("prepare d as delete from many where n <= 6; execute d")]
    public async Task EveryKindOfChangeIsCounted(string sql)
    {
        await _client.QueryAsync("begin");
        Assert.Equal("E", Shape(await _client.QueryAsync(sql)).Replace("C", "", StringComparison.Ordinal)[..1]);
        await _client.QueryAsync("commit");
        Assert.Equal("100000", await _shop.TruthAsync("select count(*) from many"));
    }

    [Fact]
    public async Task ASavepointBringsTheTransactionBackWithoutTheStatement()
    {
        await _client.QueryAsync("begin");
        await _client.QueryAsync(InsertTwo);
        await _client.QueryAsync("savepoint a");
        Assert.Equal("EZe", Shape(await _client.QueryAsync(InsertSix)));
        Assert.Equal("CZt", Shape(await _client.QueryAsync("rollback to a")));
        Assert.Equal("CZi", Shape(await _client.QueryAsync("commit")));
        Assert.Equal("2", await WrittenAsync());
    }

    [Fact]
    public async Task OfOneQueryInATransactionNothingFollowsTheStatementThatIsUndone()
    {
        await _client.QueryAsync("begin");
        Assert.Equal("CEZe", Shape(await _client.QueryAsync($"{InsertTwo}; {InsertSix}; select 1; insert into written values (1)")));
        await _client.QueryAsync("commit");
        Assert.Equal("0", await WrittenAsync());
    }

    [Fact]
    public async Task AQueryThatOpensATransactionCannotCommitItLater()
    {
        Assert.Equal("CCEZe", Shape(await _client.QueryAsync($"begin; {InsertSix}")));
        Assert.StartsWith("ROLLBACK", (await _client.QueryAsync("commit"))[0].Text, StringComparison.Ordinal);
        Assert.Equal("0", await WrittenAsync());
    }

    [Fact]
    public async Task ByTheExtendedProtocolItIsUndoneWithoutATransactionTooAndWithItAllBeforeTheSync()
    {
        Assert.Equal("12C12EZi", await AskAsync([.. Run(InsertTwo), .. Run(InsertSix), .. Run("insert into written values (9)"), Messages.Sync()]));
        Assert.Equal("0", await WrittenAsync());
        Assert.Equal("12CZi", await AskAsync([.. Run("insert into written values (1)"), Messages.Sync()]));
        Assert.Equal("1", await WrittenAsync());
    }

    [Fact]
    public async Task APipelineThatCommitsItselfIsStoppedBeforeItDoes()
    {
        Assert.Equal("12C12EZe", await AskAsync([.. Run("begin"), .. Run(InsertSix), .. Run("commit"), Messages.Sync()]));
        Assert.Equal("0", await WrittenAsync());
    }

    [Fact]
    public async Task AFlushAloneBringsTheRefusalToo()
    {
        await _client.SendAsync([.. Run(InsertSix), Messages.Message('H')]);
        Assert.Equal("12E", Shape(await _client.ReadThroughAsync('E')));
        Assert.Equal("Zi", await AskAsync(Messages.Sync()));
        Assert.Equal("0", await WrittenAsync());
    }

    [Fact]
    public async Task ASimpleQueryOfOneStatementIsUndoneWithoutATransactionToo()
    {
        Assert.Equal("EZi", Shape(await _client.QueryAsync(InsertSix)));
        Assert.Equal("T(6)EZi", Shape(await _client.QueryAsync(InsertSix + " returning n")));
        Assert.Equal("0", await WrittenAsync());

        Assert.Equal("CZi", Shape(await _client.QueryAsync(InsertTwo)));
        Assert.Equal("T(2)CZi", Shape(await _client.QueryAsync("update written set n = n returning n")));
        Assert.Equal("2", await WrittenAsync());
        await _client.SendAsync(Messages.Query("insert into written values (1)"), Messages.Query("insert into written values (2)"), Messages.Query("select 1"));
        Assert.Equal("CZi", Shape(await _client.ReadThroughAsync('Z')));
        Assert.Equal("EZi", Shape(await _client.ReadThroughAsync('Z')));
        Assert.Equal("T(1)CZi", Shape(await _client.ReadThroughAsync('Z')));
        Assert.Equal("3", await WrittenAsync());
    }

    [Fact]
    public async Task AnErrorOfSuchAQueryIsTheServersOwnAndItsUnnamedStatementIsGone()
    {
        await _client.SendAsync([Messages.Parse("", "select 1"), Messages.Sync()]);
        await _client.ReadThroughAsync('Z');
        var wrong = await _client.QueryAsync("insert into written values ('x')");
        Assert.Equal("EZi", Shape(wrong));
        Assert.Equal(("22P02", "29"), (wrong[0].Field('C'), wrong[0].Field('P')));
        Assert.Equal("23505", (await _client.QueryAsync("insert into many values (1)"))[0].Field('C'));

        Assert.Equal("EZi", await AskAsync(Messages.Bind("", ""), Messages.Execute(""), Messages.Sync()));
        Assert.Equal("CZi", Shape(await _client.QueryAsync("insert into written values (1)")));
        Assert.Equal("EZi", await AskAsync(Messages.Execute(""), Messages.Sync()));
        Assert.Equal("1", await WrittenAsync());
    }

    [Fact]
    public async Task ACancelReachesSuchAQueryAndNothingIsWritten()
    {
        await _client.SendAsync(Messages.Query("insert into written select 1 from pg_sleep(60)"));
        await HoldTests.UntilAsync(async () => await _shop.TruthAsync("select count(*) from pg_stat_activity where state = 'active' and query like '%from pg_sleep(60)'") == "1");

        await using (var other = await RawPostgresClient.ConnectAsync("127.0.0.1", _shop.Gateway.Port))
            await other.SendAsync(Messages.Initial(Messages.CancelRequest, Messages.Int32(_client.CancelKey.ProcessId), _client.CancelKey.Secret));

        Assert.Equal("57014", Error(await _client.ReadThroughAsync('Z')).Field('C'));
        Assert.Equal("CZi", Shape(await _client.QueryAsync(InsertTwo)));
    }

    [Fact]
    public async Task SeveralStatementsOfOneQueryOutsideATransactionStandAndTheNextThatWritesIsRefused()
    {
        Assert.Equal("CT(1)CZi", Shape(await _client.QueryAsync($"{InsertSix}; select 1")));
        var refused = await _client.QueryAsync("update many set n = n where n = 1");
        Assert.Equal("EZi", Shape(refused));
        Assert.StartsWith("refused by budget \"few-writes\"", refused[0].Field('M'), StringComparison.Ordinal);
        Assert.Equal("6", await WrittenAsync());
        Assert.Equal("T(1)CZi", Shape(await _client.QueryAsync("select 1")));
    }

    [Fact]
    public async Task CopiedRowsAreCountedAtTheEndOfTheCopy()
    {
        var rows = Messages.Message('d', "1\n2\n3\n4\n5\n6\n"u8.ToArray());
        await _client.QueryAsync("begin");
        await _client.SendAsync(Messages.Query("copy written from stdin"));
        await _client.ReadThroughAsync('G');
        Assert.Equal("EZe", await AskAsync(rows, Messages.Message('c')));
        await _client.QueryAsync("commit");

        await _client.SendAsync([.. Run("copy written from stdin"), Messages.Sync()]);
        await _client.ReadThroughAsync('G');
        Assert.Equal("EZi", await AskAsync(rows, Messages.Message('c'), Messages.Sync()));

        Assert.Equal("0", await WrittenAsync());
        await _client.SendAsync(Messages.Query("copy written from stdin"));
        await _client.ReadThroughAsync('G');
        Assert.Equal("CZi", await AskAsync(Messages.Message('d', "1\n"u8.ToArray()), Messages.Message('c')));
        await _client.SendAsync(Messages.Query("copy written from stdin; select 1"));
        await _client.ReadThroughAsync('G');
        Assert.Equal("EZi", await AskAsync(Messages.Message('f', Messages.CString("no"))));
        Assert.Equal("1", await WrittenAsync());
    }

    [Theory]
    [InlineData("with gone as (delete from many where n <= 6 returning n) select count(*) from gone")]
    [InlineData("with gone as (delete from many where n <= 6 returning n) insert into written values (1)")]
    [InlineData("explain analyze delete from many where n <= 6")]
    [InlineData("copy (delete from many where n <= 6 returning n) to stdout")]
    public async Task WhatTheServersAnswerDoesNotTellIsRefused(string sql)
    {
        var refused = await _client.QueryAsync(sql);
        Assert.Equal("EZi", Shape(refused));
        Assert.Contains("the rows that this command writes cannot be counted", refused[0].Field('M'), StringComparison.Ordinal);
        Assert.Equal("100000", await _shop.TruthAsync("select count(*) from many"));
    }

    [Fact]
    public async Task AnAnswerInPartsOfAStatementThatWritesIsRefusedAndUndone()
    {
        Assert.Equal("12(1)EZi", await AskAsync(
            Messages.Parse("", InsertTwo + " returning n"), Messages.Bind("", ""), Messages.Execute("", 1), Messages.Sync()));
        Assert.Equal("0", await WrittenAsync());
        Assert.Equal("12CZi", await AskAsync(Messages.Parse("", InsertTwo), Messages.Bind("", ""), Messages.Execute("", 1), Messages.Sync()));
        Assert.Equal("2", await WrittenAsync());
    }

    [Fact]
    public async Task NpgsqlRollsBackAndGoesOn()
    {
        await using var connection = new NpgsqlConnection(_shop.As("writer").ToNpgsql());
        await connection.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand(InsertSix, connection, transaction);
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
            await transaction.RollbackAsync();
        }
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(InsertTwo), new(InsertSix) } };
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync())).SqlState);
        Assert.Equal("0", await WrittenAsync());
        await using var few = new NpgsqlCommand("insert into written values (1)", connection);
        Assert.Equal(1, await few.ExecuteNonQueryAsync());
    }
}
