using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway.Names;

/// <summary>
/// A name without a schema means what it means to the server, in that session at that moment: the closed and masked relations are found
/// under whatever path they are reached by, and their look-alikes pass untouched.
/// </summary>
public abstract class NameMeaningTests
{
    private const string Payroll = "select who from payroll";
    private const string Ssn = "select ssn from customers";
    private const string Derived = "select pg_catalog.upper(ssn) || '!' from customers";

    private readonly NamesGateway _names;

    protected NameMeaningTests(NamesGateway names) => _names = names;

    [Theory]
    [InlineData("set search_path = other", "nobody")]
    [InlineData("set search_path = other, public", "nobody")]
    [InlineData("set search_path = public, other", "deny")]
    [InlineData("set search_path = public", "deny")]
    [InlineData("set search_path to \"other\"", "nobody")]
    [InlineData("set search_path = U&\"\\0070ublic\"", "deny")]
    [InlineData("set schema 'other'", "nobody")]
    [InlineData("set schema 'public'", "deny")]
    [InlineData("select set_config('search_path', 'other', false)", "nobody")]
    [InlineData("select pg_catalog.set_config('search_path', 'public', false)", "deny")]
    [InlineData("set search_path = \"Odd, schema\"", "odd")]
    [InlineData("set search_path = 'Odd, schema', public", "odd")]
    [InlineData("set search_path = nowhere, public", "deny")]
    [InlineData("set search_path = nowhere", "deny")]
    [InlineData("set search_path = pg_catalog, other", "nobody")]
    [InlineData("set search_path = public, pg_catalog", "deny")]
    [InlineData("set search_path = \"$user\", other, public", "nobody")]
    [InlineData("select go_public()", "deny")]
    [InlineData("do $$ begin perform set_config('search_path', 'other', false); end $$", "nobody")]
    [InlineData("set search_path = other; reset search_path", "deny")]
    [InlineData("set search_path = other; discard all", "deny")]
    [InlineData("update pg_settings set setting = 'other' where name = 'search_path'", "nobody")]
    public async Task Threat28_AClosedRelationIsFoundUnderWhateverPath(string move, string expected)
    {
        foreach (var isExtended in new[] { false, true })
        {
            await using var reader = await _names.LoginAsync("reader");
            await reader.RunAsync(Payroll);
            string[] commands = [.. move.StartsWith("do ", StringComparison.Ordinal) ? [move] : move.Split("; "), Payroll];
            Assert.Equal(expected, isExtended ? await reader.ExtendedAsync(commands) : await reader.RunAsync(commands));
        }
    }

    [Theory]
    [InlineData("set search_path = other", "000-11-2222", "000-11-2222!")]
    [InlineData("set search_path = public", "[redacted]", "[redacted]")]
    [InlineData("set search_path = other, public", "000-11-2222", "000-11-2222!")]
    [InlineData("set search_path = public, other", "[redacted]", "[redacted]")]
    [InlineData("create temp table customers (id int, name text, ssn text)", "", "")]
    public async Task Threat28_AMaskedRelationIsMaskedUnderWhateverPath(string move, string plain, string derived)
    {
        await using var masked = await _names.LoginAsync("masked");

        Assert.Equal("[redacted]", await masked.RunAsync(Ssn));
        Assert.Equal(plain, await masked.RunAsync(move, Ssn));
        Assert.Equal(derived, await masked.RunAsync(Derived));
        Assert.Equal(plain, await masked.ExtendedAsync(Ssn));
        Assert.Equal(derived, await masked.ExtendedAsync(Derived));
    }

    [Fact]
    public async Task Threat28_WhatStandsBehindAMoveInOneTextIsJudgedAsAnything()
    {
        await using var reader = await _names.LoginAsync("reader");
        await reader.RunAsync("set search_path = other");

        Assert.Equal("deny", await reader.RunAsync("set search_path = public; " + Payroll));
        Assert.Equal("deny", await reader.RunAsync("begin; set local search_path = public; " + Payroll + "; commit"));
        Assert.Equal("nobody", await reader.RunAsync("select 1 where false; " + Payroll));
        Assert.Equal("nobody", await reader.RunAsync("begin; " + Payroll + "; commit"));
    }

    [Fact]
    public async Task Threat28_APipelineIsJudgedUnderThePathOfEachOfItsPlaces()
    {
        await using var reader = await _names.LoginAsync("reader");

        Assert.Equal("nobody nobody", await reader.PipelineAsync("set search_path = other", Payroll, Payroll));
        Assert.Equal("nobody deny", await reader.PipelineAsync(Payroll, "set search_path = public", Payroll));
        Assert.Equal("nobody", await reader.RunAsync(Payroll));
        Assert.Equal("deny", await reader.PipelineAsync("set search_path = public", Payroll));
        Assert.Equal("nobody", await reader.RunAsync(Payroll));
    }

    [Fact]
    public async Task Threat28_APipelineThatFailsTakesItsPathBack()
    {
        await using var reader = await _names.LoginAsync("reader");
        await reader.RunAsync("set search_path = public");

        Assert.Equal("nobody 22012", await reader.PipelineAsync("set search_path = other", Payroll, "select 1/0"));
        Assert.Equal("deny", await reader.RunAsync(Payroll));
        await reader.RunAsync("set search_path = other");
        Assert.Equal("22012", await reader.PipelineAsync("set search_path = public", "select 1/0"));
        Assert.Equal("nobody", await reader.RunAsync(Payroll));
        Assert.Equal("22012", await reader.RunAsync("set search_path = public; select 1/0"));
        Assert.Equal("nobody", await reader.RunAsync(Payroll));
    }

    [Fact]
    public async Task Threat28_TheEndOfATransactionTakesThePathBack()
    {
        await using var reader = await _names.LoginAsync("reader");
        await reader.RunAsync("set search_path = other");

        Assert.Equal("deny", await reader.RunAsync("begin", "set search_path = public", Payroll));
        Assert.Equal("25P02", await reader.RunAsync("select 1 from customers"));
        Assert.Equal("nobody", await reader.RunAsync("rollback", Payroll));
        Assert.Equal("nobody", await reader.RunAsync("begin", "set local search_path = public", "commit", Payroll));
        Assert.Equal("nobody", await reader.RunAsync("begin", "savepoint s", "set search_path = public", "rollback to s", Payroll));
        Assert.Equal("deny", await reader.RunAsync("set local search_path = public", "savepoint s", "set search_path = other", "rollback to s", Payroll));
        Assert.Equal("nobody", await reader.RunAsync("rollback", Payroll));
        Assert.Equal("nobody", await reader.ExtendedAsync("begin", "set local search_path = public", "set local search_path = other", Payroll));
        Assert.Equal("deny", await reader.ExtendedAsync("set local search_path = public", Payroll));
        Assert.Equal("nobody", await reader.ExtendedAsync("commit", Payroll));
    }

    [Fact]
    public async Task Threat28_APreparedStatementIsJudgedAnewWhenNamesMoved()
    {
        await using var reader = await _names.LoginAsync("reader");
        await reader.RunAsync("set search_path = other", "prepare q as " + Payroll);
        byte[] execute = Messages.Join(Messages.Bind("", "s"), Messages.Execute(""), Messages.Sync());

        Assert.Equal("nobody", await reader.SendAsync(Messages.Parse("s", Payroll), execute));
        Assert.Equal("nobody", await reader.RunAsync("execute q"));
        await reader.RunAsync("set search_path = public");
        Assert.Equal("deny", await reader.SendAsync(execute));
        Assert.Equal("deny", await reader.RunAsync("execute q"));
        await reader.RunAsync("set search_path = other");
        Assert.Equal("nobody", await reader.SendAsync(execute));
        Assert.Equal("nobody", await reader.RunAsync("execute q"));
    }

    [Fact]
    public async Task Threat28_APortalMeansWhatItMeantWhenItWasBound()
    {
        await using var reader = await _names.LoginAsync("reader");
        await reader.RunAsync("set search_path = other");
        await reader.SendAsync(Messages.Parse("s", Payroll), Messages.Sync());

        await reader.RunAsync("begin", "set local search_path = public");
        await reader.SendAsync(Messages.Bind("p", "s"), Messages.Sync());
        await reader.RunAsync("set local search_path = other");

        Assert.Equal("deny", await reader.SendAsync(Messages.Execute("p"), Messages.Sync()));
        await reader.RunAsync("rollback");
    }

    [Theory]
    [InlineData("declare c cursor for " + Derived)]
    [InlineData("declare c cursor for " + Ssn)]
    public async Task Threat28_ACursorMeansWhatItMeantWhenItWasDeclared(string declare)
    {
        await using var masked = await _names.LoginAsync("masked");

        Assert.Equal("[redacted]", await masked.RunAsync("begin", declare, "set local search_path = other", "fetch c"));
        Assert.Equal("[redacted]", await masked.RunAsync("rollback", "begin", declare, "set local search_path = other") + await masked.ExtendedAsync("fetch c"));
    }

    [Fact]
    public async Task Threat35_WhatWasDescribedUnderAnotherPathIsDescribedAnew()
    {
        await using var masked = await _names.LoginAsync("masked");
        await masked.RunAsync("set search_path = other");
        byte[] first = Messages.Join(Messages.Parse("s", Ssn), Messages.Bind("p", "s"), Messages.Describe('P', "p"), Messages.Execute("p"));
        byte[] move = Messages.Join(Messages.Parse("m", "set search_path = public"), Messages.Bind("m", "m"), Messages.Execute("m"));
        byte[] second = Messages.Join(Messages.Bind("q", "s"), Messages.Execute("q"), Messages.Sync());

        Assert.Equal("000-11-2222 [redacted]", await masked.SendAsync(first, move, second));
        Assert.Equal("[redacted]", await masked.SendAsync(second));
        await masked.RunAsync("set search_path = other");
        Assert.Equal("000-11-2222", await masked.SendAsync(second));
    }

    [Fact]
    public async Task TheQuestionAboutNamesLeavesTheClientsUnnamedStatementAndPortalAlone()
    {
        await using var reader = await _names.LoginAsync("reader");
        await reader.SendAsync(Messages.Parse("m", "set search_path = other"), Messages.Parse("", "select who || $1 from other.payroll"), Messages.Sync());

        Assert.Equal("", await reader.SendAsync(Messages.Bind("m", "m"), Messages.Execute("m"), Messages.Sync()));
        Assert.Equal("nobody nobody!", await reader.SendAsync(
            Messages.Bind("", "", "!"), Messages.Parse("n", Payroll), Messages.Bind("n", "n"), Messages.Execute("n"), Messages.Execute(""), Messages.Sync()));
        Assert.Equal("", await reader.RunAsync("set search_path = other", "vacuum payroll"));
        Assert.Equal("0", await reader.RunAsync("select count(*) from pg_prepared_statements where name like '%sallyport%'"));
    }

    [Fact]
    public async Task Threat28_ATemporaryTableShadowsUntilItIsGone()
    {
        await using var reader = await _names.LoginAsync("reader");

        Assert.Equal("mine", await reader.RunAsync("create temp table payroll (who text)", "insert into payroll values ('mine')", Payroll));
        Assert.Equal("mine", await reader.ExtendedAsync(Payroll));
        Assert.Equal("mine", await reader.RunAsync("select who from pg_temp.payroll"));
        Assert.Equal("deny", await reader.RunAsync("select who from public.payroll"));
        Assert.Equal("deny", await reader.RunAsync("set search_path = public, pg_temp", Payroll));
        Assert.Equal("nobody", await reader.RunAsync("set search_path = other, pg_temp", Payroll));
        Assert.Equal("mine", await reader.RunAsync("reset search_path", Payroll));
        Assert.Equal("deny", await reader.RunAsync("drop table payroll", Payroll));
        Assert.Equal("", await reader.RunAsync("begin", "create temp table payroll (who text) on commit drop", Payroll));
        Assert.Equal("deny", await reader.RunAsync("commit", Payroll));
        Assert.Equal("", await reader.RunAsync("begin", "create temp table payroll (who text)", Payroll));
        Assert.Equal("deny", await reader.RunAsync("rollback", Payroll));
        Assert.Equal("deny", await reader.RunAsync("create temp table payroll (who text)", "discard temp", Payroll));
        Assert.Equal("deny", await reader.RunAsync("drop table payroll"));
    }

    [Fact]
    public async Task Threat28_ATemporaryTableOfOneSessionIsNoneOfAnother()
    {
        await using var one = await _names.LoginAsync("reader");
        await using var other = await _names.LoginAsync("reader");
        await one.RunAsync("create temp table payroll (who text)");

        Assert.Equal("deny", await other.RunAsync(Payroll));
        Assert.Equal("", await one.RunAsync(Payroll));
        Assert.Equal("deny", await other.RunAsync(Payroll));
    }

    [Fact]
    public async Task Threat28_ATemporaryViewIsFollowedToWhatItShows()
    {
        await using var reader = await _names.LoginAsync("reader");

        await reader.RunAsync("do $$ begin execute 'create temp view v as select who from public.payroll'; execute 'create temp view w as select who from v'; end $$");

        Assert.Equal("deny", await reader.RunAsync("select who from w"));
        Assert.Equal("deny", await reader.RunAsync("select go_public()", "select who from pg_temp.v"));
        Assert.Equal("deny", await reader.RunAsync("set work_mem = '4MB'; set search_path = public; select who from w"));
        Assert.Equal("deny", await reader.RunAsync("begin", "drop view w, v", "select 1 from customers", "rollback", "select who from w"));
        Assert.Equal("nobody", await reader.RunAsync("create temp view harmless as select who from other.payroll", "select who from harmless"));
    }

    [Fact]
    public async Task Threat28_AWorldOfItsOwnInATransactionIsJudgedAsAnything()
    {
        await using var reader = await _names.LoginAsync("reader");

        Assert.Equal("nobody", await reader.RunAsync("set search_path = other, public", Payroll));
        Assert.Equal("deny", await reader.RunAsync("begin", "create schema hidden", "alter table other.payroll set schema hidden", Payroll));
        Assert.Equal("nobody", await reader.RunAsync("rollback", Payroll));
        Assert.Equal("deny", await reader.RunAsync("begin", "drop table other.payroll", Payroll));
        Assert.Equal("nobody", await reader.RunAsync("rollback", Payroll));
    }

    [Fact]
    public async Task Threat35_WhatAnotherSessionMovesIsSeenByTheNextCommand()
    {
        await using var reader = await _names.LoginAsync("reader");
        await using var plain = await _names.LoginAsync("plain");
        await plain.RunAsync("create schema first", "create schema second", "create table first.payroll (who text)", "insert into first.payroll values ('moved')");
        await reader.RunAsync("set search_path = first, public");

        Assert.Equal("moved", await reader.RunAsync(Payroll));
        await plain.RunAsync("alter table first.payroll set schema second");
        Assert.Equal("deny", await reader.RunAsync(Payroll));
        Assert.Equal("moved", await reader.RunAsync("set search_path = third, second, public", Payroll));
        await plain.RunAsync("create schema third", "create table third.payroll as select 'third' as who");
        Assert.Equal("third", await reader.RunAsync(Payroll));
        await plain.RunAsync("drop schema third cascade", "drop schema second cascade", "drop schema first");
        Assert.Equal("deny", await reader.RunAsync(Payroll));
    }

    [Theory]
    [InlineData("tenant")]
    [InlineData("shelf")]
    public async Task Threat13_APathThatTheRoleOrTheDatabaseSetsIsKnownFromTheFirstCommandOn(string resource)
    {
        await using var reader = await _names.LoginAsync("reader", resource);

        Assert.Equal("nobody", await reader.RunAsync(Payroll));
        Assert.Equal("deny", await reader.RunAsync("set search_path = public", Payroll));
        Assert.Equal("nobody", await reader.ExtendedAsync("reset search_path", Payroll));
        await using var pipelined = await _names.LoginAsync("reader", resource);
        Assert.Equal("nobody deny", await pipelined.PipelineAsync(Payroll, "set search_path = public", Payroll));
    }

    [Theory]
    [InlineData("set search_path = other, pg_catalog")]
    [InlineData("set local search_path to 'other', \"pg_catalog\"")]
    [InlineData("select set_config('search_path', 'other , PG_CATALOG', false)")]
    public async Task Threat28_NoSchemaIsPutBeforeTheBuiltInsWhereMasksAreInForce(string move)
    {
        await using var masked = await _names.LoginAsync("masked");
        await using var reader = await _names.LoginAsync("reader");

        Assert.Equal("deny", await masked.RunAsync(move));
        Assert.NotEqual("deny", await reader.RunAsync(move));
        Assert.Equal("000-11-2222", await masked.RunAsync("set search_path = pg_temp, pg_catalog, other", Ssn));
    }

    [Fact]
    public async Task ManyTransactionsAndTemporaryTablesLeaveTheSessionAlive()
    {
        await using var masked = await _names.LoginAsync("masked");
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("000-11-2222", await masked.ExtendedAsync("begin", "set local search_path = other", Ssn));
            Assert.Equal("[redacted]", await masked.ExtendedAsync("commit", Ssn));
            Assert.Equal("", await masked.RunAsync($"create temp table t{i} (id int)", $"select * from t{i}"));
            Assert.Equal("[redacted]", await masked.RunAsync($"drop table t{i}", Ssn));
        }
    }
}

public sealed class NameMeaningTests15(NamesGateway15 names) : NameMeaningTests(names), IClassFixture<NamesGateway15>;

public sealed class NameMeaningTests18(NamesGateway18 names) : NameMeaningTests(names), IClassFixture<NamesGateway18>;
