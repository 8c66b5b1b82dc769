using System.Globalization;
using System.Text;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway.Names;

/// <summary>
/// Two schemas with relations of the same names behind a gateway: what is in <c>public</c> is closed (<c>payroll</c>) or masked
/// (<c>customers</c>), what is in <c>other</c> is harmless. <c>reader</c> has the closed relation and may run opaque code, <c>masked</c> has
/// the masks, <c>plain</c> may do and see everything.
/// </summary>
public abstract class NamesGateway : IAsyncLifetime
{
    private const string Seed = """
        create database shop;
        create database shelf;
        create role tenant login superuser password 'postgres';
        alter role tenant set search_path = other, public;
        \c shelf
        create table payroll (who text);
        insert into payroll values ('chief');
        create schema other;
        create table other.payroll (who text);
        insert into other.payroll values ('nobody');
        alter database shelf set search_path = other;
        \c shop
        create table payroll (who text);
        insert into payroll values ('chief');
        create table customers (id int, name text, ssn text);
        insert into customers values (1, 'Zofia', '912-45-6781');
        create schema other;
        create table other.payroll (who text);
        insert into other.payroll values ('nobody');
        create table other.customers (id int, name text, ssn text);
        insert into other.customers values (1, 'Nadie', '000-11-2222');
        create schema "Odd, schema";
        create table "Odd, schema".payroll (who text);
        insert into "Odd, schema".payroll values ('odd');
        create function go_public() returns void language plpgsql as $$ begin perform set_config('search_path', 'public', false); end $$;
        """;

    private const string Policy = """
        version: 1
        rules:
          - { name: plain, who: plain, on: everything, do: [read, write, create, alter, drop, privilege, session, transaction, opaque, server], then: allow }
          - { name: reader, who: reader, on: everything, do: [read, write, create, alter, drop, privilege, session, transaction, opaque], then: allow }
          - { name: closed, who: reader, on: everything, if: {relation: public.payroll}, then: deny }
          - { name: masked, who: masked, on: everything, do: [read, write, create, alter, drop, privilege, session, transaction], then: allow }
        masks:
          - { name: pii, on: everything, who: masked, columns: { public.customers.ssn: redact } }
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: plain, kind: person, groups: [plain], secret: env:TEST_SECRET }
            - { name: reader, kind: person, groups: [reader], secret: env:TEST_SECRET }
            - { name: masked, kind: person, groups: [masked], secret: env:TEST_SECRET }
        resources:
          - { name: shop, postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
          - { name: tenant, postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: tenant, password: env:UPSTREAM_PASSWORD, tls: disable } }
          - { name: shelf, postgres: { upstream: 127.0.0.1:{upstream}, database: shelf, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
        """;

    private readonly PostgresVersion _version;
    private PostgresServer _server = null!;
    private GatewayProcess _gateway = null!;

    protected NamesGateway(PostgresVersion version) => _version = version;

    /// <summary>The server's own truth, past the gateway.</summary>
    public Task<string> TruthAsync(string sql) => _server.ExecuteAsync(sql, "shop");

    public async Task<NamesClient> LoginAsync(string principal, string resource = "shop") =>
        new(await RawPostgresClient.LoginAsync(_gateway.Target(principal, ShopGateway.Secret, resource)));

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(new PostgresOptions { Version = _version, Seed = Seed });
        _gateway = await GatewayProcess.StartAsync(
            Configuration.Replace("{upstream}", _server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _server.DisposeAsync();
    }
}

public sealed class NamesGateway15() : NamesGateway(PostgresVersion.Fifteen);

/// <summary>The first version that reports search_path.</summary>
public sealed class NamesGateway18() : NamesGateway(PostgresVersion.Eighteen);

/// <summary>A session that says in a word what it was answered: the values, <c>deny</c>, or the server's error.</summary>
public sealed class NamesClient(RawPostgresClient client) : IAsyncDisposable
{
    public RawPostgresClient Raw => client;

    public ValueTask DisposeAsync() => client.DisposeAsync();

    /// <summary>Runs each and answers for the last.</summary>
    public async Task<string> RunAsync(params string[] commands)
    {
        var said = "";
        foreach (var sql in commands)
            said = Words(await client.QueryAsync(sql));
        return said;
    }

    /// <summary>The same by the extended protocol, each with a Sync.</summary>
    public async Task<string> ExtendedAsync(params string[] commands)
    {
        var said = "";
        foreach (var sql in commands)
            said = await SendAsync(Steps(sql), Messages.Sync());
        return said;
    }

    /// <summary>All in one pipeline with one Sync: the answers to all.</summary>
    public Task<string> PipelineAsync(params string[] commands) => SendAsync([.. commands.Select(Steps), Messages.Sync()]);

    public async Task<string> SendAsync(params byte[][] messages)
    {
        await client.SendAsync(messages);
        return Words(await client.ReadThroughAsync('Z'));
    }

    public static byte[] Steps(string sql) => Messages.Join(Messages.Parse("", sql), Messages.Bind("", ""), Messages.Execute(""));

    private static string Words(IEnumerable<PostgresMessage> messages) => string.Join(' ', messages.Select(Word).OfType<string>());

    private static string? Word(PostgresMessage message) => message.Type switch
    {
        'D' => Encoding.UTF8.GetString(message.Body.AsSpan(6)),
        'E' => message.Field('D') is { } detail && detail.StartsWith("{\"decision\":\"deny\"", StringComparison.Ordinal) ? "deny" : message.Field('C'),
        _ => null,
    };
}
