using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>
/// A real PostgreSQL with the shop database and a real gateway before it. Principals: <c>agent</c> reads with masks and its writes
/// wait, <c>engineer</c> may do everything and sees everything, <c>dana</c> and <c>omar</c> approve, <c>owner</c> is whom
/// <c>helper</c> acts for.
/// </summary>
public sealed class ShopGateway : IAsyncLifetime
{
    public const string Secret = "a-secret-of-the-tests-0123456789";

    public const string Seed = """
        create database shop;
        \c shop
        create table customers (id int primary key, name text not null, email text, ssn text unique, card_number text, born date, score int, notes text);
        insert into customers values
         (1, 'Zofia Kranz', 'zofia.kranz@mail.test', '912-45-6781', '4539148803436467', '1970-01-02', 711, 'prefers post'),
         (2, 'Tunde Okonkwo', 't.okonkwo@pier.test', '934-71-2096', '5425233430109903', '1980-03-04', 722, 'call after six');
        create table orders (id int primary key, customer_id int, item text, amount numeric(10,2));
        insert into orders values (1, 1, 'kettle', 42.50), (2, 1, 'lamp', 17.00), (3, 2, 'rug', 250.00);
        create table payroll (id int, who text, salary int);
        insert into payroll values (1, 'chief', 987654);
        create view contacts as select id, name, email from customers;
        """;

    public const string Policy = """
        version: 1
        rules:
          - { name: engineers, who: engineers, on: everything, do: [read, write, create, alter, drop, privilege, session, transaction, opaque, server], then: allow }
          - { name: agents-read, who: agents, on: shop, do: [read], then: allow }
          - { name: agents-create-temp, who: agents, on: shop, do: [create], then: allow }
          - { name: writes-wait, who: agents, on: shop, do: [write], then: hold, approvers: oncall, within: 30s, note: Say which ticket. }
          - { name: merge-tickets, who: agents, on: shop, do: [merge], then: hold, approvers: oncall, within: 20s, ticket: true }
          - { name: where, who: agents, on: shop, do: [update, delete], if: {where: missing}, then: deny, message: Add a WHERE clause. }
          - { name: payroll-closed, who: agents, on: shop, if: {relation: public.payroll}, then: deny }
          - { name: watched, who: agents, on: shop, do: select, if: {relation: public.orders}, then: deny, mode: observe }
        masks:
          - { name: cards, on: shop, who: agents, columns: { public.customers.card_number: last4, public.customers.email: email, public.customers.ssn: redact, public.customers.born: redact, public.customers.score: redact } }
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: agent, kind: agent, groups: [agents], secret: env:TEST_SECRET }
            - { name: helper, kind: agent, groups: [agents], onBehalfOf: owner, secret: env:TEST_SECRET }
            - { name: owner, kind: person, groups: [oncall], secret: env:TEST_SECRET }
            - { name: engineer, kind: person, groups: [engineers], secret: env:TEST_SECRET }
            - { name: dana, kind: person, groups: [oncall, admin], secret: env:TEST_SECRET }
            - { name: omar, kind: person, groups: [oncall], secret: env:TEST_SECRET }
            - { name: nobody, kind: person, groups: [visitors], secret: env:TEST_SECRET }
        resources:
          - { name: shop, labels: {env: test}, postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
          - { name: missing, postgres: { upstream: 127.0.0.1:{upstream}, database: not_there, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
          - { name: badlogin, postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: postgres, password: env:TEST_SECRET, tls: disable } }
          - { name: down, postgres: { upstream: 127.0.0.1:1, database: shop, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
        """;

    public PostgresServer Server { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?> { ["TEST_SECRET"] = Secret, ["UPSTREAM_PASSWORD"] = "postgres" };

    public ConnectionTarget As(string principal, string resource = "shop") => Gateway.Target(principal, Secret, resource);

    public Task<RawPostgresClient> LoginAsync(string principal) => RawPostgresClient.LoginAsync(As(principal));

    /// <summary>The server's own truth, past the gateway.</summary>
    public Task<string> TruthAsync(string sql) => Server.ExecuteAsync(sql, "shop");

    /// <summary>Runs the command line as one of the principals.</summary>
    public Task<CommandResult> SallyportAsync(string principal, params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(Gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(Environment) { ["SALLYPORT_AS"] = principal, ["SALLYPORT_SECRET"] = Secret });

    public async Task InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(new PostgresOptions { Seed = Seed });
        var upstream = Server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Gateway = await GatewayProcess.StartAsync(Configuration.Replace("{upstream}", upstream, StringComparison.Ordinal), Policy, Environment);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Server.DisposeAsync();
    }
}
