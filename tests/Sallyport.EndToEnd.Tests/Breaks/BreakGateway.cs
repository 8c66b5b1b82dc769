using System.Globalization;
using System.Text.Json;
using Npgsql;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.EndToEnd.Tests.Breaks;

/// <summary>
/// A real PostgreSQL and a gateway for those whose connection breaks: <c>worker</c> reads with masks, copies both ways, and its deletes
/// wait for a person.
/// </summary>
public sealed class BreakGateway : IAsyncLifetime
{
    private const string Seed = """
        create database shop;
        \c shop
        create table customers (id int primary key, name text, ssn text);
        insert into customers select i, 'name ' || i, '912-45-' || 1000 + i from generate_series(1, 20) i;
        create table notes (id int, body text);
        """;

    private const string Policy = """
        version: 1
        rules:
          - { name: all, who: workers, on: shop, do: [read, write, create, session, transaction], then: allow }
          - { name: deletes-wait, who: workers, on: shop, do: [delete], then: hold, approvers: oncall, within: 60s }
        masks:
          - { name: people, on: shop, columns: { public.customers.ssn: redact } }
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: worker, kind: agent, groups: [workers], secret: env:TEST_SECRET }
            - { name: dana, kind: person, groups: [oncall, admin], secret: env:TEST_SECRET }
        resources:
          - name: shop
            postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable }
        """;

    private NpgsqlConnection _truth = null!;

    public PostgresServer Server { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public ConnectionTarget Target => Gateway.Target("worker", ShopGateway.Secret, "shop");

    /// <summary>How many connections of sessions the server has now.</summary>
    public async Task<long> UpstreamsAsync()
    {
        const string Sql = "select count(*) from pg_stat_activity where application_name like 'sallyport:worker:%'";
        await using var count = new NpgsqlCommand(Sql, _truth);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    public Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(Gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(ShopGateway.Environment) { ["SALLYPORT_AS"] = "dana", ["SALLYPORT_SECRET"] = ShopGateway.Secret });

    /// <summary>What a verb answers as JSON.</summary>
    public async Task<JsonElement> JsonAsync(params string[] arguments) =>
        JsonDocument.Parse((await SallyportAsync([.. arguments, "--json"])).Output).RootElement;

    public async Task InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(new PostgresOptions { Seed = Seed });
        var upstream = Server.Port.ToString(CultureInfo.InvariantCulture);
        var configuration = Configuration.Replace("{upstream}", upstream, StringComparison.Ordinal);
        Gateway = await GatewayProcess.StartAsync(configuration, Policy, ShopGateway.Environment);
        _truth = new NpgsqlConnection($"Host=127.0.0.1;Port={upstream};Username=postgres;Password=postgres;Database=postgres");
        await _truth.OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await _truth.DisposeAsync();
        await Gateway.DisposeAsync();
        await Server.DisposeAsync();
    }
}
