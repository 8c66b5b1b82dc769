namespace Sallyport.Postgres.Tests.Sql;

/// <summary>What masking is told about output columns (threats 30, 33): what is not provably simple is unknown.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class OutputTests(SqlReaderFixture sql)
{
    [Theory]
    [InlineData("select a, t.b, s.t.c, d as e from s.t", "Column(a) Notation(b) Notation(c) Column(d) only")]
    [InlineData("select *, t.*, a from t", "Star() Star() Column(a) only")]
    [InlineData("select 1, $1, 'x', now(), current_user", "Expression() Expression() Expression() Expression() Expression() only")]
    [InlineData("select upper(ssn) || 'x', ssn::text, -a, a between 1 and 2, a in (1, 2), a is null from t",
        "Expression(ssn) Expression(ssn) Expression(a) Expression(a) Expression(a) Expression(a) only")]
    [InlineData("select case when ssn like '9%' then 1 end, coalesce(a, b), greatest(a, b), array[a, b] from t",
        "Expression(ssn) Expression(a,b) Expression(a,b) Expression(a,b) only")]
    [InlineData("select min(ssn), string_agg(ssn, ',' order by a), sum(a) filter (where ssn = '1') from t",
        "Expression(ssn) Expression(ssn,a) Expression(a,ssn) only")]
    [InlineData("select count(*), count(ssn), count(distinct ssn) from t", "Count() Count() Count() only")]
    [InlineData("select count(*) filter (where ssn = '1'), count(*) over (partition by ssn) from t", "Expression(ssn) Expression(ssn) only")]
    [InlineData("select rank() over (order by ssn), rank() over w from t window w as (order by ssn)", "Expression(ssn) Unknown() only")]
    [InlineData("select t, t::text, to_json(t), row_to_json(t), count(t) from t", "Unknown() Unknown() Unknown() Unknown() Unknown() only")]
    [InlineData("select k, to_json(k) from t k", "Unknown() Unknown() only")]
    [InlineData("select k.to_json, k.upper from t k", "Unknown() Notation(upper) only")]
    [InlineData("select (select ssn from t), array(select ssn from t), exists (select 1 from t)", "Unknown() Unknown() Unknown() only")]
    [InlineData("select row(a, b), (c).d, a[1] from t", "Unknown() Unknown() Unknown() only")]
    [InlineData("select (c).*, a from t", " only")]
    [InlineData("select ssn_of(2), public.upper(ssn), a operator(s.+) b, a @#@ b, a::mytype, a::s.text from t",
        "Unknown() Unknown() Unknown() Unknown() Unknown() Unknown() only")]
    [InlineData("select current_setting('a.b'), random(), nextval('s'), query_to_xml('select 1', true, true, '')",
        "Unknown() Unknown() Unknown() Unknown() only")]
    [InlineData("select a from t union select b from u", "")]
    [InlineData("values (1)", "")]
    [InlineData("with t as (select ssn from c) select ssn from t", "Column(ssn)")]
    [InlineData("select a from (select ssn as a from t) q", "Column(a)")]
    [InlineData("select a from t q(a)", "Column(a)")]
    [InlineData("select j.a, j from (t join u on true) j", "Notation(a) Unknown()")]
    [InlineData("select j from t join u using (ssn) as j", "Unknown() only")]
    [InlineData("select g from generate_series(1, 2) g", "Unknown()")]
    [InlineData("select a, b from t join u using (id) left join v on true", "Column(a) Column(b) only")]
    [InlineData("insert into t values (1) returning *, a", "Star() Column(a) only")]
    [InlineData("update t set a = 1 from u where u.id = t.id returning b, t", "Column(b) Unknown() only")]
    [InlineData("update t set a = 1 from (select ssn from c) u returning ssn", "Column(ssn)")]
    [InlineData("delete from t returning old, new, old.a", "Unknown() Unknown() Notation(a) only")]
    [InlineData("copy t to stdout", "Star() only")]
    [InlineData("copy t(a, b) to stdout", "Column(a) Column(b) only")]
    [InlineData("copy (select a from t) to stdout", "Column(a) only")]
    [InlineData("show all", "")]
    public void OutputsAreWhatTheyAreMadeOf(string text, string outputs)
    {
        var statement = sql.Read(text).Statements[0];
        var found = string.Join(' ', statement.Outputs.Select(o => $"{o.Kind}({string.Join(',', o.Columns)})"));

        Assert.Equal(outputs, found + (statement.ReadsRelationsOnly ? " only" : ""));
    }

    [Theory]
    [InlineData("with x as (select * from a) select (select max(b) from s.c) from x, d where exists (table e)", "a s.c d e")]
    [InlineData("prepare p as select * from t", "")]
    [InlineData("explain select * from t join u on true", "t u")]
    [InlineData("insert into t select * from u", "t u")]
    [InlineData("create view v as select * from t", "v t")]
    public void EveryRelationIsNamed(string text, string relations) =>
        Assert.Equal(relations, string.Join(' ', sql.Read(text).Statements[0].Relations));
}
