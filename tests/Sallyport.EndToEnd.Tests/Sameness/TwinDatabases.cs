using System.Globalization;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Runners;

namespace Sallyport.EndToEnd.Tests.Sameness;

/// <summary>
/// Copies of one database, OIDs and all: <c>direct</c> is used without a gateway, <c>plain</c> through one that allows everything, and
/// <c>veiled</c> through it with a mask on a table that nobody touches.
/// </summary>
public sealed class TwinDatabases : IAsyncLifetime
{
    private const string Seed = """
        create database base;
        \c base
        create table items (id int primary key, name text);
        create table more (id int, name text default 'none', at numeric(6,2));
        create table secrets (id int, word text);
        insert into secrets values (1, 'never asked for');
        \c postgres
        create database direct template base;
        create database plain template base;
        create database veiled template base;
        """;

    private const string Policy = """
        version: 1
        rules:
          - name: all
            who: everyone
            on: everything
            do: [read, write, create, alter, drop, privilege, session, transaction, opaque, server]
            then: allow
        masks:
          - { name: words, on: veiled, columns: { public.secrets.word: redact } }
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB, writes: buffered }
        identity:
          principals: [{ name: postgres, kind: person, groups: [all], secret: env:TEST_SECRET }]
        resources:
          - { name: plain, postgres: { upstream: 127.0.0.1:{upstream}, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
          - { name: veiled, postgres: { upstream: 127.0.0.1:{upstream}, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
        """;

    public PostgresServer Server { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public ConnectionTarget Direct => Server.Target with { Database = "direct" };

    public ConnectionTarget Through(string database) => Gateway.Target("postgres", ShopGateway.Secret, database);

    public async Task InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(new PostgresOptions { Seed = Seed, Configuration = "autovacuum = off" });
        var upstream = Server.Port.ToString(CultureInfo.InvariantCulture);
        var configuration = Configuration.Replace("{upstream}", upstream, StringComparison.Ordinal);
        Gateway = await GatewayProcess.StartAsync(configuration, Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Server.DisposeAsync();
    }
}
