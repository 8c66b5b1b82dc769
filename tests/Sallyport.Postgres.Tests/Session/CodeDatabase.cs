using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Masking;
using Sallyport.Postgres.Tests.Sql;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>A real database with code of its own, and its catalogue as the gateway reads it.</summary>
public sealed class CodeDatabase : IAsyncLifetime
{
    private const string Seed = """
        set check_function_bodies = off;
        create extension pgcrypto;
        create schema other; create schema trust;
        create table victims (id int primary key, val text);
        create table notes (id int default 1, body text);
        create table payroll (who text);
        create table other.payroll (who text);
        create function slugify(text) returns text language sql immutable as $f$ select lower(regexp_replace($1, '\W+', '-', 'g')) $f$;
        create function wiped() returns int language sql as 'delete from victims; select 1';
        create function atomic_wipe() returns int language sql begin atomic delete from victims; select 1; end;
        create function plus(a int) returns int language sql return a + 1;
        create function outer_wipe() returns int language sql as 'select wiped()';
        create function pl(int) returns int language plpgsql as 'begin return $1; end';
        create function steady(int) returns int language plpgsql immutable as 'begin return $1; end';
        create function btrim(int) returns text language sql as 'delete from victims; select $1::text';
        create function rtrim(int) returns text language sql as 'select $1::text';
        create function kind_of(int) returns int language sql as 'select 1';
        create function kind_of(int, int) returns int language plpgsql as 'begin return 1; end';
        create function spare(a int, b int default 2) returns int language sql as 'select $1';
        create function total(variadic int[]) returns bigint language sql as 'select count(*) from payroll';
        create function renames() returns int language sql as 'alter function slugify rename to slug';
        create function names_twice() returns text language sql as $f$ alter function slugify rename to slug; select slugify('x') $f$;
        create function loop_a(int) returns int language sql as 'select loop_b($1)';
        create function loop_b(int) returns int language sql as 'delete from victims where id = $1; select loop_a($1)';
        create function dropper() returns int language sql as 'drop table victims; select 1';
        create view dropping as select dropper();
        create view steadied as select steady(id) as id from victims;
        create function reads_view() returns void language sql as 'select * from dropping';
        create function owned() returns text language sql security definer set search_path = other as 'select who from payroll';
        create function sets() returns void language sql as 'set standard_conforming_strings = off';
        create function odd() returns int language sql set standard_conforming_strings = off as 'select 1';
        create function broken() returns int language sql as 'selec 1';
        create function long() returns text language sql as $f$select '$f$;
        create function trust.me(text) returns text language plpgsql as 'begin return $1; end';
        create function trust.builds(text) returns text language sql as 'delete from victims; select $1';
        create operator ### (rightarg = int, function = pl);
        create operator @+@ (leftarg = int, rightarg = int, function = pg_catalog.int4pl);
        create function joined(text, int) returns text language sql as 'delete from victims; select $1';
        create operator + (leftarg = text, rightarg = int, function = joined);
        create operator ^^^ (rightarg = oid, function = pg_catalog.lo_unlink);
        create type boxed as (v int);
        create function box_it(int) returns boxed language sql as 'delete from victims; select row($1)::boxed';
        create cast (int as boxed) with function box_it(int) as assignment;
        create function as_int(boxed) returns int language sql as 'insert into notes values (1); select 1';
        create cast (boxed as int) with function as_int(boxed);
        create function is_mail(text) returns bool language plpgsql immutable as 'begin return true; end';
        create domain mail as text check (is_mail(value));
        create function is_good(text) returns bool language sql as 'delete from victims; select true';
        create domain good as text check (is_good(value));
        create function step(int, int) returns int language sql as 'delete from victims; select $1';
        create aggregate wipe_all(int) (sfunc = step, stype = int);
        create aggregate add_all(int) (sfunc = pg_catalog.int4pl, stype = int);
        create procedure clean(a int, out b int) language sql as 'delete from notes where id = 1; select 1';
        create procedure rough() language plpgsql as 'begin delete from notes; end';
        create function touch() returns trigger language plpgsql as 'begin return new; end';
        create table touched (id serial, at timestamptz default now());
        create trigger t before update on touched for each row execute function touch();
        create trigger u before insert on touched for each row execute function suppress_redundant_updates_trigger();
        create table wiping (id int, val int default wiped());
        create table mails (address mail, again mail[]);
        create table boxes (b boxed);
        create table ruled (id int);
        create rule also as on insert to ruled do also delete from victims where id = new.id;
        create view through as select id from victims where id > 1;
        create rule instead as on update to through do instead update notes set body = 'x' where id = old.id;
        create table parents (id int primary key, label text unique, note text);
        create table children (parent int references parents on delete cascade, label text references parents (label) on update set null, own int primary key);
        create table grandchildren (child int references children on delete set null);
        create table guarded (id int); alter table guarded enable row level security;
        create policy p on guarded using (steady(id) > 0);
        """;

    private readonly MaskingServer _server = new();

    private static readonly SearchPath Usual = new(["pg_catalog", "public"]);

    public Catalogue.Catalogue Catalogue { get; private set; } = null!;

    internal Reach Of(SqlReaderFixture sql, string text) => Reach.Of(sql.Read(text), Catalogue.ScopeOf(Usual, isSettled: true), sql.Reader);

    /// <summary>Everything that the gateway knows a statement to do, in words.</summary>
    public string Done(SqlReaderFixture sql, string text) => SqlReaderFixture.Describe(Of(sql, text).Facts);

    public string Behind(SqlReaderFixture sql, string text) => string.Join("; ", Of(sql, text).Behind.Select(SqlReaderFixture.Describe));

    public async Task<Catalogue.Catalogue> ReadAsync(CodeTrust trust, Catalogue.Catalogue? previous = null)
    {
        var resource = new PostgresResource("code", FrozenDictionary<string, string>.Empty) { Host = _server.Folder, Database = "postgres", User = "postgres" };
        var connector = new UpstreamConnector(NullLogger<UpstreamConnector>.Instance, TimeProvider.System, TimeSpan.FromSeconds(20));
        var (fault, connection) = await connector.ConnectAsync(resource, [new("client_encoding", "UTF8")], null, CancellationToken.None);
        Assert.Equal(UpstreamFault.None, fault);
        using var queries = new CatalogueQueries(connection!);
        await using (connection)
            return (await CatalogueReader.ReadAsync(queries, trust, previous, CancellationToken.None))!;
    }

    /// <summary>Any statements; the driver would cut the body of a function at its semicolons.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = _server.Source.CreateCommand($"do $do$ begin execute $all${sql}$all$; end $do$");
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A transaction that did this and is not over.</summary>
    public async Task<IAsyncDisposable> HoldAsync(string sql)
    {
        var connection = await _server.Source.OpenConnectionAsync();
        await using var command = new Npgsql.NpgsqlCommand("begin; " + sql, connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public static CodeTrust Trust(bool lent) => new([NamePattern.Parse("trust.*", allows: false)!, NamePattern.Parse("public.crypt", allows: false)!], lent);

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        await ExecuteAsync(Seed.Replace("$f$select '$f$", $"$f$select '{new string('x', CatalogueFunction.LongestBody)}'$f$", StringComparison.Ordinal));
        Catalogue = await ReadAsync(Trust(lent: true));
    }

    public Task DisposeAsync() => _server.DisposeAsync();
}
