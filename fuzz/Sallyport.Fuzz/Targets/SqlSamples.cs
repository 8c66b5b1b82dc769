namespace Sallyport.Fuzz.Targets;

/// <summary>SQL that goes through every part of the reader, and the words it is made of. The kept corpus holds much more.</summary>
internal static class SqlSamples
{
    public static readonly IReadOnlyList<byte[]> Texts =
    [
        .. from text in (string[])
        [
            "select a, t.b, count(*) from public.t t join u using (id) where a = $1 and b in (select x from v) for update",
            "with recursive c as (select 1 union all select n + 1 from c) select * from c, lateral f(c.n) order by 1 limit 2",
            "insert into t (a, b) values (1, 'x'), (2, E'\\n') on conflict (a) do update set b = excluded.b returning old.*, new.a",
            "update t set (a, b) = (1, t.c), d = default from u where t.id = u.id or true; delete from only t as x where x.id = x.id",
            "merge into t using u on t.id = u.id when matched then update set a = u.a when not matched then insert (a) values (u.a)",
            "create table s.t (id int primary key default nextval('q'), b text check (length(b) > 2)); alter table t drop column b",
            "create function f(int) returns int language sql security definer as $$ delete from t; select 1 $$; drop function f(int), g",
            "begin; savepoint a; set local search_path to x, 'y'; reset role; rollback to a; prepare transaction 'g'; commit",
            "prepare p (int) as select $1 from t; execute p(1); deallocate all; declare c cursor for table t; fetch 2 from c; close c",
            "copy t (a, b) from stdin; copy (select * from t) to program 'x' with (format csv); explain (analyze) select pg_sleep(1)",
            "grant select, update on t, u to a with grant option; revoke all on schema s from public; drop role r; discard all",
            "do $x$ begin end $x$; call p(1); vacuum full t; truncate t, u; lock t; notify n, 'x'; comment on table t is 'x'",
            "select (r).x.y[1:2], a::int::text, b collate \"C\", row(1, t), case when x then 1 end, U&\"d\\0061\" from t r",
            "create view v as select * from pg_settings; create trigger g after update on t execute function f(); reassign owned by a to b",
            "select set_config('role', 'a', false); refresh materialized view m; create policy p on t using (true)",
        ]
        select Bytes.Utf8(text),
    ];

    public static readonly IReadOnlyList<byte[]> Words =
    [
        .. from word in ("select from where with as insert into values update set delete merge using on join lateral union all "
            + "intersect except order by group having limit offset for create alter drop table view function procedure "
            + "trigger rule policy index schema role user grant revoke to copy stdin stdout program explain analyze prepare "
            + "execute deallocate declare cursor fetch move close begin commit rollback savepoint release discard reset show "
            + "do call returning old new excluded materialized recursive temp only cascade if exists not null default check "
            + "references primary key unique language sql plpgsql atomic return security definer role search_path set_config "
            + "pg_sleep dblink pg_settings json_table xmltable overlaps grouping sets filter over partition window within "
            + "array row case when then else end cast collate between like similar in is distinct any some true false $1 $$ "
            + "E' U&' '' \"\" -- /* */ ; , . .* :: ( ) [ ] = <> || operator(pg_catalog.=) 1 1e9 0x1F é").Split(' ')
        select Bytes.Utf8($" {word} "),
    ];
}
