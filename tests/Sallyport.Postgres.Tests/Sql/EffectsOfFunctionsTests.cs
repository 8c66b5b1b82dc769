namespace Sallyport.Postgres.Tests.Sql;

/// <summary>Calls by every spelling, and calls that do more than compute (threats 17, 29).</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class EffectsOfFunctionsTests(SqlReaderFixture sql)
{
    [Theory]
    [InlineData("create transform for i language l (from sql with function f(h(a.g(1))))")]
    [InlineData("drop function f(h(a.g(1)))")]
    [InlineData("alter function f(h(a.g(1))) rename to x")]
    [InlineData("comment on function f(h(a.g(1))) is 'x'")]
    public void ACallInTheModifierOfAnArgumentsTypeIsFound(string text) =>
        Assert.Contains(sql.Read(text).Statements[0].Functions, static f => f is { Schema: "a", Name: "g" });

    [Theory]
    [InlineData("select pg_sleep(1)", "session pg_sleep function:pg_sleep; read select")]
    [InlineData("select lower(a), count(*) from t group by 1", "read select t(a)")]
    [InlineData("call s.p(pg_read_file('/x'))", "opaque call function:s.p; server pg_read_file function:pg_read_file")]
    [InlineData("select set_config('role', 'bob', false)", "privilege set_config_role role:bob; read select")]
    [InlineData("select pg_catalog.set_config('ROLE', 'bob', false)", "privilege set_config_role role:bob; read select")]
    [InlineData("select set_config('search_path', 'x', false)", "session set_config setting:search_path; read select")]
    [InlineData("select set_config(a, 'x', false) from t",
        "privilege set_config function:set_config; session set_config function:set_config; read select t(a)")]
    [InlineData("select set_config('a.b', 'x', false), set_config('search_path', 'y', false)",
        "session set_config setting:a.b; session set_config setting:search_path; read select")]
    [InlineData("update pg_settings set setting = 'bob' where name = 'role'",
        "write update pg_settings(setting) where; privilege update_pg_settings pg_settings; session update_pg_settings pg_settings")]
    [InlineData("select pg_read_file('/etc/passwd')", "server pg_read_file function:pg_read_file; read select")]
    [InlineData("select PG_CATALOG . \"pg_read_file\" ('/etc/passwd')",
        "server pg_read_file function:pg_catalog.pg_read_file; read select")]
    [InlineData("select ('/etc/passwd'::text).pg_read_file", "server pg_read_file function:pg_read_file; read select")]
    [InlineData("select (c).pg_read_file from t c", "server pg_read_file function:pg_read_file; read select t")]
    [InlineData("select c.pg_read_file from t c", "server pg_read_file function:pg_read_file; read select t(pg_read_file)")]
    [InlineData("select c.peek from t c", "read select t(peek)")]
    [InlineData("select ('s'::regclass).nextval", "write nextval function:nextval; read select")]
    [InlineData("select * from pg_ls_dir('/etc')", "server pg_ls_dir function:pg_ls_dir; read select")]
    [InlineData("select lo_import('/x'), lo_export(1, '/x')",
        "server lo_import function:lo_import; server lo_export function:lo_export; read select")]
    [InlineData("select lo_unlink(1)", "drop lo_unlink function:lo_unlink; read select")]
    [InlineData("select lo_get(1)", "read lo_get function:lo_get; read select")]
    [InlineData("select nextval('s'), setval('s', 1)", "write nextval function:nextval; write setval function:setval; read select")]
    [InlineData("select dblink_of_tomorrow('x'), pg_ls_x(), crosstabs('y')",
        "server call_function function:dblink_of_tomorrow; server call_function function:pg_ls_x; "
        + "server call_function function:crosstabs; read select")]
    [InlineData("select * from dblink('x', 'select 1') as t(a int)", "server dblink function:dblink; read select")]
    [InlineData("select query_to_xml('select 1', true, true, '')", "server query_to_xml function:query_to_xml; read select")]
    [InlineData("select table_to_xml('payroll', true, true, '')", "server table_to_xml function:table_to_xml; read select")]
    [InlineData("select dblink_exec('c', 'drop table t')", "server dblink_exec function:dblink_exec; read select")]
    [InlineData("select * from public.crosstab('select 1') as t(a int)", "server crosstab function:public.crosstab; read select")]
    [InlineData("select pg_file_write('x', 'y', true), pg_catalog.pg_file_unlink('x')",
        "server pg_file_write function:pg_file_write; server pg_file_unlink function:pg_catalog.pg_file_unlink; read select")]
    [InlineData("select lo_put(1, 0, 'x'), lowrite(1, 'x')", "write lo_put function:lo_put; write lowrite function:lowrite; read select")]
    [InlineData("select cursor_to_xml('c', 1, true, true, ''), database_to_xml(true, true, ''), schema_to_xml('s', true, true, '')",
        "server cursor_to_xml function:cursor_to_xml; server database_to_xml function:database_to_xml; server schema_to_xml function:schema_to_xml; read select")]
    [InlineData("select * from ts_stat('select v from t')", "server ts_stat function:ts_stat; read select")]
    [InlineData("select xpath_table('k', 'd', 't', '/', 'true')", "opaque call_function function:xpath_table; read select")]
    [InlineData("do language plpgsql 'begin end'", "opaque do")]
    [InlineData("select ts_rewrite('a'::tsquery, 'select 1')", "server ts_rewrite function:ts_rewrite; read select")]
    [InlineData("select ts_rewrite(a, b, c) from t", "read select t(a,b,c)")]
    [InlineData("select pg_terminate_backend(1)", "server pg_terminate_backend function:pg_terminate_backend; read select")]
    [InlineData("select pg_reload_conf()", "server pg_reload_conf function:pg_reload_conf; read select")]
    [InlineData("select pg_notify('a', 'b')", "write pg_notify function:pg_notify; read select")]
    [InlineData("select pg_advisory_lock(1)", "session pg_advisory_lock function:pg_advisory_lock; read select")]
    [InlineData("select my_function(a) from t", "opaque call_function function:my_function; read select t(a)")]
    [InlineData("select s.f()", "opaque call_function function:s.f; read select")]
    [InlineData("select public.lower('x')", "opaque call_function function:public.lower; read select")]
    [InlineData("select * from generate_series(1, 2) g", "read select")]
    [InlineData("select a from t order by evil(a)", "opaque call_function function:evil; read select t(a)")]
    [InlineData("select a from t where b > evil(c)", "opaque call_function function:evil; read select t(a,b,c)")]
    [InlineData("select a from t limit evil()", "opaque call_function function:evil; read select t(a)")]
    [InlineData("select a from t, lateral (select evil(t.a)) x", "opaque call_function function:evil; read select t")]
    [InlineData("select case when true then pg_read_file('/x') end", "server pg_read_file function:pg_read_file; read select")]
    [InlineData("select array(select pg_read_file('/x'))", "server pg_read_file function:pg_read_file; read select")]
    [InlineData("select a operator(s.+) b from t", "opaque call_function; read select t(a,b)")]
    [InlineData("select row_number() over (partition by evil(a)) from t", "opaque call_function function:evil; read select t(a)")]
    [InlineData("select sum(a) filter (where evil(b)) from t", "opaque call_function function:evil; read select t(a,b)")]
    [InlineData("select * from rows from (pg_ls_dir('/'), evil())",
        "server pg_ls_dir function:pg_ls_dir; opaque call_function function:evil; read select")]
    [InlineData("select coalesce(null, pg_read_file('/x'))", "server pg_read_file function:pg_read_file; read select")]
    [InlineData("select xmltable.* from xmltable('/x' passing evil() columns a int)", "opaque call_function function:evil; read select")]
    [InlineData("select json_object('a': pg_read_file('/x'))", "server pg_read_file function:pg_read_file; read select")]
    [InlineData("insert into t values (pg_read_file('/x'))", "write insert t; server pg_read_file function:pg_read_file")]
    public void EveryEffectIsRead(string text, string effects) => Assert.Equal(effects, SqlReaderFixture.Describe(sql.Read(text)));
}
