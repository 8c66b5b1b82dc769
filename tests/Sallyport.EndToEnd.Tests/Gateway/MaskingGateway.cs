using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>
/// For those who try to get round the masks: <c>writer</c> may do what an application does and more (DDL, settings, opaque code),
/// with masks on customers; <c>searched</c> has detectors alone. What masks must stop here, no other rule stops.
/// </summary>
public sealed class MaskingGateway : IAsyncLifetime
{
    private const string Seed = """
        create database shop;
        \c shop
        create table customers (id int primary key, name text not null, ssn text unique, card_number text, score bigint, notes text);
        insert into customers values
         (1, 'Zofia Kranz', '912-45-6781', '4539148803436467', 71193, 'prefers post'),
         (2, 'Tunde Okonkwo', '934-71-2096', '5425233430109903', 72284, 'call after six');
        create table orders (id int primary key, customer_id int, item text, amount numeric(10,2));
        insert into orders values (1, 1, 'kettle', 42.50), (2, 1, 'lamp', 17.00), (3, 2, 'rug', 250.00);
        create table events (id int, said text);
        create view labels as select id, ssn as label, name from customers;
        create view labels_again as select label as tag, id from labels;
        create materialized view kept as select id, card_number as number from customers;
        create table people (id int, name text, ssn text) partition by range (id);
        create table people_low partition of people for values from (0) to (100);
        insert into people values (1, 'Ines Moreau', '987-65-4320');
        create table parent (id int, ssn text);
        create table child (extra int) inherits (parent);
        insert into child values (1, '955-12-3456', 1);
        create table base (id int, extra text);
        create table held (ssn text, twice text generated always as (ssn || ssn) stored) inherits (base);
        insert into held values (1, 'x', '966-11-2233');
        create table moved (id int, plain text, ssn text, last text);
        insert into moved values (1, 'x', '966-11-2233', null);
        create table moved_too as table moved;
        create domain tax as text;
        create domain own_tax as tax;
        create table taxed (id int, dropped int, number own_tax, "Note ""s" text, at date);
        alter table taxed drop column dropped;
        insert into taxed values (1, '977-88-9900', E'two\nlines, "quoted"', '2001-02-03'), (2, null, null, null), (3, '', '', null);
        create function reveal(int) returns text language sql stable as 'select ssn from customers where id = $1';
        create function upper(int) returns text language sql stable as 'select ssn from customers where id = $1';
        create function loud() returns void language plpgsql as $$ begin raise notice '%', (select ssn from customers where id = 1); end $$;
        create function peek(orders) returns text language sql stable as 'select ssn from customers where id = $1.id';
        create sequence tickets;
        create table texts (id int, body text, data jsonb, raw bytea);
        insert into texts values (1, 'card 4539148803436467 and 412-45-6781', '{"k": "mail a.b@mail.test"}', 'x');
        analyze;
        """;

    private const string Policy = """
        version: 1
        rules:
          - { name: all, who: [writers, searched], on: shop, do: [read, write, create, alter, drop, privilege, session, transaction, opaque, server], then: allow }
        masks:
          - { name: pii, on: shop, who: writers, columns: { public.customers.card_number: last4, public.customers.ssn: redact, public.customers.score: redact, public.people.ssn: redact, public.parent.ssn: redact, public.held.ssn: redact, public.moved.ssn: redact, public.moved_too.ssn: redact, public.taxed.number: last4, public.taxed.at: redact } }
          - { name: found, on: shop, who: searched, detect: [pan, ssn, email] }
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: writer, kind: person, groups: [writers], secret: env:TEST_SECRET }
            - { name: searched, kind: person, groups: [searched], secret: env:TEST_SECRET }
        resources:
          - { name: shop, postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
        """;

    public PostgresServer Server { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public Task<RawPostgresClient> LoginAsync(string principal) => RawPostgresClient.LoginAsync(Gateway.Target(principal, ShopGateway.Secret, "shop"));

    public async Task InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(new PostgresOptions { Seed = Seed });
        var upstream = Server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Gateway = await GatewayProcess.StartAsync(Configuration.Replace("{upstream}", upstream, StringComparison.Ordinal), Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Server.DisposeAsync();
    }
}
