using System.Text.Json;
using Npgsql;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;
using static Sallyport.EndToEnd.Tests.Gateway.Budgets.Answers;

namespace Sallyport.EndToEnd.Tests.Gateway.Budgets;

/// <summary>Rows that are read: those of the budget come, then the command ends as a denial and the server stops.</summary>
[Collection(BudgetCollection.Name)]
public sealed class RowsReadTests : IAsyncLifetime
{
    private readonly BudgetGateway _shop;

    public RowsReadTests(BudgetGateway shop) => _shop = shop;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _shop.ReloadAsync();

    [Fact]
    public async Task AnAnswerThatFitsPassesAndTheNextRowDoesNot()
    {
        await using var client = await _shop.LoginAsync("reader");
        Assert.Equal("T(10)CZi", Shape(await client.QueryAsync("select n from many order by n limit 10")));

        var refused = await client.QueryAsync("select 1");

        Assert.Equal("EZi", Shape(refused));
        Assert.Equal("42501", refused[0].Field('C'));
        Assert.Equal("refused by budget \"few-rows\": 10 rows read per session are used up: Ask for an export.", refused[0].Field('M'));
        using var detail = JsonDocument.Parse(refused[0].Field('D')!);
        Assert.Equal("few-rows", detail.RootElement.GetProperty("budget").GetString());
        Assert.Equal("rowsRead", detail.RootElement.GetProperty("measure").GetString());
        Assert.Equal(10, detail.RootElement.GetProperty("limit").GetInt32());
        Assert.Equal("It is for the whole session.", refused[0].Field('H'));
    }

    [Theory]
    [InlineData("select n from many limit 11")]
    [InlineData("select n from many")]
    [InlineData("select a.n from many a cross join many b")]
    public async Task AnAnswerIsCutAtTheLimitAndTheServerStops(string sql)
    {
        await using var client = await _shop.LoginAsync("reader");

        var answer = await client.QueryAsync(sql);

        Assert.Equal("T(10)EZi", Shape(answer));
        Assert.Equal("42501", Error(answer).Field('C'));
        Assert.StartsWith("the answer was cut by budget \"few-rows\"", Error(answer).Field('M'), StringComparison.Ordinal);
        Assert.Equal("0", await _shop.TruthAsync("select count(*) from pg_stat_activity where state = 'active' and query like '%from many%' and pid <> pg_backend_pid()"));
        Assert.Equal("CZi", Shape(await client.QueryAsync("set application_name = 'alive'")));
        Assert.Equal("EZi", Shape(await client.QueryAsync("select 1")));
    }

    [Theory]
    [InlineData("select n from many limit 11")]
    [InlineData("select a.n from many a cross join many b")]
    public async Task InATransactionTheServersStatusFollowsWhetherOrNotTheCancelCameInTime(string sql)
    {
        await using var client = await _shop.LoginAsync("reader");
        await client.QueryAsync("begin");

        Assert.Equal("T(10)EZe", Shape(await client.QueryAsync(sql)));

        var commit = await client.QueryAsync("commit");
        Assert.Equal("CZi", Shape(commit));
        Assert.StartsWith("ROLLBACK", commit[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select n from many limit 11")]
    [InlineData("select a.n from many a cross join many b")]
    public async Task APipelineIsSkippedBehindACutAnswer(string sql)
    {
        await using var client = await _shop.LoginAsync("reader");

        await client.SendAsync(
            Messages.Parse("", sql), Messages.Bind("", ""), Messages.Describe('P', ""), Messages.Execute(""),
            Messages.Parse("", "insert into written values (1)"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync(),
            Messages.Query("set application_name = 'behind'"));

        Assert.Equal("12T(10)EZi", Shape(await client.ReadThroughAsync('Z')));
        Assert.Equal("CZi", Shape(await client.ReadThroughAsync('Z')));
        Assert.Equal("0", await _shop.TruthAsync("select count(*) from written"));
    }

    [Fact]
    public async Task OfSeveralStatementsInOneQueryNothingFollowsTheCut()
    {
        await using var client = await _shop.LoginAsync("reader");
        Assert.Equal("T(2)CT(8)EZi", Shape(await client.QueryAsync("select n from many limit 2; select n from many limit 20; select 3; select 4")));
        await client.QueryAsync("begin");
        await client.QueryAsync("rollback");
    }

    [Fact]
    public async Task PartsOfAPortalAndOfACursorAddUp()
    {
        await using var client = await _shop.LoginAsync("reader");
        await client.QueryAsync("begin");
        await client.SendAsync(Messages.Parse("", "select n from many"), Messages.Bind("p", ""), Messages.Execute("p", 4), Messages.Sync());
        Assert.Equal("12(4)sZt", Shape(await client.ReadThroughAsync('Z')));
        Assert.Equal("CZt", Shape(await client.QueryAsync("declare c cursor for select n from many")));
        Assert.Equal("T(4)CZt", Shape(await client.QueryAsync("fetch 4 from c")));

        await client.SendAsync(Messages.Execute("p", 4), Messages.Sync());

        Assert.Equal("(2)EZe", Shape(await client.ReadThroughAsync('Z')));
        Assert.Equal("CZi", Shape(await client.QueryAsync("rollback")));
    }

    [Theory]
    [InlineData("copy (select n from many limit 10) to stdout", "H(10)cCZi")]
    [InlineData("copy (select n from many limit 10) to stdout (format binary)", "H(11)cCZi")]
    [InlineData("copy (select n from many limit 11) to stdout (format binary)", "H(10)EZi")]
    [InlineData("copy many to stdout", "H(10)EZi")]
    public async Task CopiedRowsCountAsReadOnes(string sql, string shape)
    {
        await using var client = await _shop.LoginAsync("reader");

        Assert.Equal(shape, Shape(await client.QueryAsync(sql)));

        Assert.Equal("EZi", Shape(await client.QueryAsync("select 1")));
        Assert.Equal("CZi", Shape(await client.QueryAsync("set application_name = 'alive'")));
    }

    [Fact]
    public async Task MaskedRowsAreCountedAndStayMasked()
    {
        await using var client = await _shop.LoginAsync("masked");

        var answer = await client.QueryAsync("select id, word from secrets");

        Assert.Equal("T(10)EZi", Shape(answer));
        Assert.DoesNotContain(answer, static m => m.Text.Contains("secret word", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NpgsqlReadsUpToTheLimitAndGoesOnWhenTheLimitIsRaised()
    {
        await using var connection = new NpgsqlConnection(_shop.As("reader").ToNpgsql() + ";Server Compatibility Mode=NoTypeLoading");
        await connection.OpenAsync();
        var rows = 0;
        await using (var command = new NpgsqlCommand("select n from many where n > $1", connection) { Parameters = { new() { Value = 0 } } })
        {
            var cut = await Assert.ThrowsAsync<PostgresException>(async () =>
            {
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                    rows++;
            });
            Assert.Equal("42501", cut.SqlState);
            Assert.Equal(10, rows);
        }
        await using var next = new NpgsqlCommand("select 7", connection);
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => next.ExecuteScalarAsync())).SqlState);

        // The session keeps what it has used: of twelve rows two are left.
        await _shop.ReloadAsync("rowsRead: 10, message", "rowsRead: 12, message");
        Assert.Equal(7, await next.ExecuteScalarAsync());
        Assert.Equal(7, await next.ExecuteScalarAsync());
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => next.ExecuteScalarAsync())).SqlState);
    }

    [Fact]
    public async Task PsqlShowsTheRowsAndTheRefusal()
    {
        var result = await ClientRunner.PsqlAsync("select n from many order by n;\nselect 1;\n\\echo still here\n", _shop.As("reader"));

        Assert.Contains("still here", result.Output, StringComparison.Ordinal);
        Assert.Contains("ERROR:  the answer was cut by budget \"few-rows\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("ERROR:  refused by budget \"few-rows\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("HINT:  It is for the whole session.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllSessionsOfOnePrincipalShareABudgetThatIsPerPrincipalAndAReloadKeepsItsCount()
    {
        await using var first = await _shop.LoginAsync("sharer");
        await using var second = await _shop.LoginAsync("sharer");
        Assert.Equal("T(6)CZi", Shape(await first.QueryAsync("select n from many limit 6")));

        Assert.Equal("T(4)EZi", Shape(await second.QueryAsync("select n from many limit 6")));

        var refused = await first.QueryAsync("select 1");
        Assert.Equal("EZi", Shape(refused));
        Assert.Contains("10 rows read per principal within 60 min are used up", refused[0].Field('M'), StringComparison.Ordinal);
        Assert.StartsWith("There is room again in ", refused[0].Field('H'), StringComparison.Ordinal);

        await _shop.ReloadAsync("rowsRead: 10, within", "rowsRead: 13, within");
        Assert.Equal("T(1)CZi", Shape(await first.QueryAsync("select 1")));
        await using var third = await _shop.LoginAsync("sharer");
        Assert.Equal("T(2)EZi", Shape(await third.QueryAsync("select n from many")));
    }

    [Fact]
    public async Task ACancelReachesACommandThatIsWaitedFor()
    {
        await using var client = await _shop.LoginAsync("reader");
        await client.SendAsync(Messages.Query("select pg_sleep(60)"));
        await HoldTests.UntilAsync(async () => await _shop.TruthAsync("select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep(60)%'") == "1");

        await using (var other = await RawPostgresClient.ConnectAsync("127.0.0.1", _shop.Gateway.Port))
            await other.SendAsync(Messages.Initial(Messages.CancelRequest, Messages.Int32(client.CancelKey.ProcessId), client.CancelKey.Secret));

        var answer = await client.ReadThroughAsync('Z');
        Assert.Equal("57014", Error(answer).Field('C'));
    }

    [Fact]
    public async Task ACutAnswerAndARefusalAreRecorded()
    {
        await using (var client = await _shop.LoginAsync("reader"))
        {
            await client.QueryAsync("select n from many");
            await client.QueryAsync("select 'after it'");
        }
        var recorded = "";
        await HoldTests.UntilAsync(async () => (recorded = await _shop.RecordedAsync("reader")).Contains("session_closed", StringComparison.OrdinalIgnoreCase) || recorded.Contains("after it", StringComparison.Ordinal));

        Assert.Contains("\"what\":\"cut\"", recorded, StringComparison.Ordinal);
        Assert.Contains("few-rows", recorded.Split('\n').Single(static l => l.Contains("after it", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
