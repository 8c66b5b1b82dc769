using Sallyport.Core;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>What tables and views run by themselves when a statement reads or changes them.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class AttachedCodeTests : IClassFixture<CodeDatabase>
{
    private readonly SqlReaderFixture _sql;
    private readonly CodeDatabase _code;

    public AttachedCodeTests(SqlReaderFixture sql, CodeDatabase code) => (_sql, _code) = (sql, code);

    [Theory]
    [InlineData("insert into wiping (id) values (1)", "write insert wiping(id); write delete victims no-where")]
    [InlineData("copy wiping from stdin", "write copy_in wiping; write delete victims no-where")]
    [InlineData("merge into wiping w using notes n on n.id = w.id when not matched then insert values (1)",
        "write merge wiping where; write insert wiping; read select notes; write delete victims no-where")]
    [InlineData("insert into boxes values (1)", "write insert boxes; write delete victims no-where")]
    [InlineData("insert into ruled values (1)", "write insert ruled; write delete public.victims where")]
    [InlineData("with x as (insert into ruled values (1)) select 1", "write insert ruled; write delete public.victims where; read select")]
    [InlineData("update through set id = 1 where id = 2", "write update through(id) where; write update public.notes(body) where")]
    [InlineData("select * from wiping", "read select wiping")]
    [InlineData("copy ruled from stdin", "write copy_in ruled")]
    public void Threat16_WhatIsReadOfItCounts(string text, string effects) =>
        Assert.Equal(effects.Split("; ").Order(), _code.Done(_sql, text).Split("; ").Order());

    [Theory]
    [InlineData("insert into touched default values", "write insert touched")]
    [InlineData("update touched set id = 1 where id = 2", "write update touched(id) where")]
    [InlineData("insert into mails values ('x')", "write insert mails")]
    [InlineData("select * from guarded", "read select guarded")]
    [InlineData("delete from parents where id = 1", "write delete parents where")]
    public void WhatCannotBeReadIsLentByWhoeverMadeTheTable(string text, string effects) => Assert.Equal(effects, _code.Done(_sql, text));

    [Theory]
    [InlineData("update touched set id = 1 where id = 2", "write call_function function:public.touch")]
    [InlineData("insert into touched default values", "")]
    [InlineData("insert into mails values ('x')", "write call_function function:public.is_mail")]
    [InlineData("select * from guarded", "read call_function function:public.steady")]
    [InlineData("delete from parents where id = 1", "write delete public.children where; write update public.grandchildren(child) where")]
    [InlineData("update parents set label = 'x' where id = 1", "write update public.children(label) where")]
    [InlineData("update parents set note = 'x' where id = 1", "")]
    [InlineData("truncate parents cascade", "drop truncate public.children; drop truncate public.grandchildren")]
    public void Threat16_ARuleThatDeniesOrHoldsMeetsIt(string text, string behind) => Assert.Equal(behind, _code.Behind(_sql, text));

    [Theory]
    [InlineData("update touched set id = 1 where id = 2")]
    [InlineData("insert into mails values ('x')")]
    [InlineData("select * from guarded")]
    [InlineData("select * from steadied")]
    public async Task AnOperatorMayHaveItOpaque(string text)
    {
        var strict = await _code.ReadAsync(CodeDatabase.Trust(lent: false));

        Assert.True(Reach.Of(_sql.Read(text), strict.Anywhere, _sql.Reader).Facts.IsOpaque);
        Assert.False(Reach.Of(_sql.Read("insert into notes values (1)"), strict.Anywhere, _sql.Reader).Facts.IsOpaque);
    }

    [Fact]
    public async Task AReadingTakesOverWhatDidNotChange()
    {
        await _code.ExecuteAsync("create function first() returns int language sql as 'select 1'");
        var before = await _code.ReadAsync(CodeTrust.Default, _code.Catalogue);
        await _code.ExecuteAsync("create or replace function first() returns int language sql as 'delete from victims; select 2'");

        var after = await _code.ReadAsync(CodeTrust.Default, before);
        await _code.ExecuteAsync("drop function first()");
        var last = await _code.ReadAsync(CodeTrust.Default, after);

        Assert.Same(One(before, "slugify"), One(after, "slugify"));
        Assert.Equal("select 1", One(before, "first").Body);
        Assert.Equal("delete from victims; select 2", One(after, "first").Body);
        Assert.Empty(last.OwnCode.Named("first"));
    }

    [Fact]
    public async Task ABodyThatIsATreeIsPrintedAnewWhenWhatItNamesIsRenamed()
    {
        await _code.ExecuteAsync("create table former (id int); create function reads() returns bigint language sql begin atomic select count(*) from former; end");
        var before = await _code.ReadAsync(CodeTrust.Default, _code.Catalogue);
        await _code.ExecuteAsync("alter table former rename to latter");

        var after = await _code.ReadAsync(CodeTrust.Default, before);

        Assert.Contains("public.latter", One(after, "reads").Body, StringComparison.Ordinal);
        await _code.ExecuteAsync("drop function reads(); drop table latter");
    }

    [Fact]
    public async Task WhatSomebodyIsChangingKeepsTheTextThatEverybodyElseSees()
    {
        await using var changing = await _code.HoldAsync("alter table victims rename to gone");

        var again = await _code.ReadAsync(CodeTrust.Default, _code.Catalogue);
        var first = await _code.ReadAsync(CodeTrust.Default);

        const string insert = "insert into ruled values (1)";
        Assert.Contains("delete public.victims", SqlReaderFixture.Describe(Reach.Of(_sql.Read(insert), again.Anywhere, _sql.Reader).Facts), StringComparison.Ordinal);
        Assert.Equal(_code.Catalogue.Definitions, again.Definitions);
        Assert.True(Reach.Of(_sql.Read(insert), first.Anywhere, _sql.Reader).Facts.IsOpaque);
        Assert.True(Reach.Of(_sql.Read("select atomic_wipe()"), first.Anywhere, _sql.Reader).Facts.IsOpaque);
        Assert.False(Reach.Of(_sql.Read("select slugify('x')"), first.Anywhere, _sql.Reader).Facts.IsOpaque);
    }

    private static Postgres.Catalogue.CatalogueFunction One(Postgres.Catalogue.Catalogue catalogue, string name) => Assert.Single(catalogue.OwnCode.Named(name));
}
