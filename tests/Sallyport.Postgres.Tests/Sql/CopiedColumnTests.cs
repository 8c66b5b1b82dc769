namespace Sallyport.Postgres.Tests.Sql;

/// <summary>Where written values come from (threats 30, 33): a masked value must not be copied to where it is not masked.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class CopiedColumnTests(SqlReaderFixture sql)
{
    [Theory]
    [InlineData("insert into t values (1, $1, default, 'x' || 'y', now()), (2, null, default, '', now())", "")]
    [InlineData("insert into t default values", "")]
    [InlineData("insert into t select ssn from c", "*")]
    [InlineData("insert into t select 1", "*")]
    [InlineData("insert into t table c", "*")]
    [InlineData("insert into t values (1) union all select ssn from c", "*")]
    [InlineData("with x as (select ssn from c) insert into t select * from x", "*")]
    [InlineData("insert into t values ((select ssn from c))", "*")]
    [InlineData("insert into t values (my_function(1))", "*")]
    [InlineData("insert into t values (1) on conflict (a) do nothing", "")]
    [InlineData("insert into t values (1) on conflict (a) do update set b = excluded.b, d = t2, e = 1 where t.f = 1 returning g", "b,t2")]
    [InlineData("insert into t values (1) on conflict (a) do update set b = excluded", "*")]
    [InlineData("insert into t values (1) on conflict (a) do update set b = t::text", "*")]
    [InlineData("insert into t values (1) on conflict (a) do update set b = t.b", "*,b")]
    [InlineData("insert into t values (1) on conflict (a) do update set (b, d) = (excluded.b, upper(ssn))", "b,ssn")]
    [InlineData("update t set a = 1, b = $1, c = default where ssn = '1' returning ssn", "")]
    [InlineData("update t set a = b, c = upper(ssn) || 'x', d = case when e then f end where g = 1", "b,ssn,e,f")]
    [InlineData("update t set (a, b) = (c, d)", "c,d")]
    [InlineData("update t set (a, b) = row(c, 1)", "c")]
    [InlineData("update t set (a, b) = row(u.*) from u", "*")]
    [InlineData("update t set (a, b) = (select c, d from u)", "*")]
    [InlineData("update t set a = (select max(ssn) from c)", "*")]
    [InlineData("update t set a = u from u", "*")]
    [InlineData("update t as k set a = k", "*")]
    [InlineData("update t set a = (u).ssn from u", "*")]
    [InlineData("update t set a = u.peek from u", "*,peek")]
    [InlineData("update t set a = u.to_json from u", "*")]
    [InlineData("update t set a = x from (select ssn as x from c) q", "*,x")]
    [InlineData("update t set a = 1 from (select ssn as x from c) q where q.x = t.x", "")]
    [InlineData("update t set a = x from c q(x)", "*,x")]
    [InlineData("with q as (select ssn as x from c) update t set a = x from q", "*,x")]
    [InlineData("with q as (select ssn as x from c), w as (update t set a = x from q returning 1) select 1", "*,x")]
    [InlineData("with w as (update t set a = ssn returning 1) select 1", "ssn")]
    [InlineData("with w as (update t set a = b returning 1) update u set c = d", "b,d")]
    [InlineData("merge into t using u on t.id = u.id when matched then update set a = ssn when not matched then insert (a, b) values (name, 1)", "ssn,name")]
    [InlineData("merge into t using u on t.id = u.id when matched and ssn = '1' then delete", "")]
    [InlineData("merge into t using (select ssn as x from u) u on t.id = u.id when matched then update set a = x", "*,x")]
    [InlineData("delete from t where a = b returning c", "")]
    [InlineData("copy t from stdin", "")]
    [InlineData("explain update t set a = ssn", "ssn")]
    [InlineData("explain analyze update t set a = ssn", "ssn")]
    [InlineData("copy (update t set a = ssn returning 1) to stdout", "ssn")]
    [InlineData("prepare p as update t set a = ssn", "")]
    public void CopiedColumnsAreWhatWrittenValuesAreMadeOf(string text, string columns)
    {
        var copied = Assert.Single(sql.Read(text).Statements).CopiedColumns;

        Assert.Equal(columns.Split(',').Order(StringComparer.Ordinal), copied.DefaultIfEmpty("").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void APreparedUpdateSaysInItsBodyWhatItCopies() =>
        Assert.Equal("ssn", Assert.Single(sql.Read("prepare p as update t set a = ssn").Statements[0].Body!.Statements[0].CopiedColumns));
}
