using System.Text;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

[Collection(SqlReaderCollection.Name)]
public sealed class ChargeTests
{
    private readonly SqlReaderFixture _sql;

    public ChargeTests(SqlReaderFixture sql) => _sql = sql;

    [Theory]
    [InlineData("", 1, false, false, false)]
    [InlineData("select 1", 1, true, false, false)]
    [InlineData("select 1; select 2; begin", 3, true, false, false)]
    [InlineData("set application_name = 'a'; begin; savepoint s; show timezone", 4, false, false, false)]
    [InlineData("commit", 1, false, false, true)]
    [InlineData("rollback; rollback", 2, false, false, true)]
    [InlineData("commit; select 1", 2, true, false, false)]
    [InlineData("insert into t values (1)", 1, true, true, false)]
    [InlineData("create table t (a int)", 1, true, true, false)]
    [InlineData("do $$ begin end $$", 1, true, true, false)]
    public void ACommandCountsAsWhatItDoes(string sql, int statements, bool touches, bool writes, bool onlyEnds) =>
        Assert.Equal(new Charge(statements, touches, writes, onlyEnds, false), Charge.Of(_sql.Read(sql)));

    [Theory]
    [InlineData("with d as (delete from t returning a) select * from d")]
    [InlineData("with d as (insert into t values (1) returning a) insert into u select a from d")]
    [InlineData("with recursive d as (update t set a = 1 returning a) delete from u")]
    [InlineData("explain (analyze, costs off) delete from t")]
    [InlineData("explain analyze with d as (delete from t returning a) select * from d")]
    [InlineData("copy (delete from t returning a) to stdout")]
    [InlineData("select 1; with d as (delete from t returning a) select * from d")]
    [InlineData("create rule r as on insert to t do also delete from u")]
    public void WhatWritesRowsThatNoTagTellsIsHidden(string sql) => Assert.True(Charge.Of(_sql.Read(sql)).Hides);

    [Theory]
    [InlineData("insert into t values (1) on conflict (a) do update set a = 2 returning a")]
    [InlineData("with s as (select 1) delete from t")]
    [InlineData("merge into t using u on t.a = u.a when matched then delete when not matched then insert values (1)")]
    [InlineData("explain delete from t")]
    [InlineData("copy t from stdin")]
    [InlineData("copy (select 1) to stdout")]
    [InlineData("prepare p as delete from t")]
    public void WhatItsTagTellsIsNot(string sql) => Assert.False(Charge.Of(_sql.Read(sql)).Hides);

    [Theory]
    [InlineData("INSERT 0 12", "insert into t values (1)", 12)]
    [InlineData("UPDATE 3", "update t set a = 1", 3)]
    [InlineData("DELETE 4", "execute p", 4)]
    [InlineData("MERGE 5", "merge into t using u on t.a = u.a when matched then delete", 5)]
    [InlineData("COPY 6", "copy t from stdin", 6)]
    [InlineData("COPY 6", "copy t to stdout", 0)]
    [InlineData("SELECT 7", "select 1", 0)]
    [InlineData("BEGIN", "begin", 0)]
    [InlineData("INSERT 0", "insert into t values (1)", 0)]
    public void WrittenRowsAreThoseOfTheTag(string tag, string sql, long rows) =>
        Assert.Equal(rows, Charge.Written(Encoding.ASCII.GetBytes(tag + "\0"), _sql.Read(sql)));
}
