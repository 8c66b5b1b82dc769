using System.Globalization;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>
/// One gateway before three servers: PostgreSQL 15 and 18 with TLS, whose roles log in each in its own way, and one that refuses TLS.
/// Each resource is named by how the gateway reaches it.
/// </summary>
public sealed class UpstreamServers : IAsyncLifetime
{
    private const string Roles = """
        create role by_password login superuser password 'postgres';
        create role by_cert login superuser;
        set password_encryption = 'md5';
        create role by_md5 login superuser password 'postgres';
        """;

    private const string Rules = """
        hostssl all by_password 127.0.0.1/32 password
        hostssl all by_cert 127.0.0.1/32 cert
        hostssl all by_md5 127.0.0.1/32 md5
        hostnossl all by_md5 127.0.0.1/32 md5
        hostnossl all by_password 127.0.0.1/32 password
        """;

    private const string Policy = """
        version: 1
        rules: [{ name: all, who: engineers, on: everything, do: [read, write, server], then: allow }]
        """;

    private readonly TemporaryFolder _folder = new("legs");

    public PostgresServer Fifteen { get; private set; } = null!;

    public PostgresServer Eighteen { get; private set; } = null!;

    public ScriptedUpstream WithoutTls { get; } = new(UglyScripts.Answering(
        ScriptedConnection.RowDescription("a"), ScriptedConnection.DataRow("in clear"), ScriptedConnection.CommandComplete("SELECT 1"), ScriptedConnection.Ready()));

    public GatewayProcess Gateway { get; private set; } = null!;

    public Task<RawPostgresClient> LoginAsync(string resource) =>
        RawPostgresClient.LoginAsync(Gateway.Target("engineer", ShopGateway.Secret, resource));

    public async Task InitializeAsync()
    {
        var fifteen = StartAsync(PostgresVersion.Fifteen);
        Eighteen = await StartAsync(PostgresVersion.Eighteen);
        Fifteen = await fifteen;
        using var other = new TestAuthority(_folder.FullPath);
        var (certificate, key) = Fifteen.Authority.Issue("by_cert");
        var files = $"clientCertificate: {certificate}, clientKey: {key}";
        string[] resources =
        [
            Resource("scram_plus_15", Fifteen, "localhost", "postgres", "verify-full"),
            Resource("scram_plus_18", Eighteen, "localhost", "postgres", "verify-full"),
            Resource("scram_require_18", Eighteen, "127.0.0.1", "postgres", "require"),
            Resource("md5_tls", Fifteen, "localhost", "by_md5", "verify-full"),
            Resource("md5_plain", Fifteen, "localhost", "by_md5", "disable"),
            Resource("password_tls", Fifteen, "localhost", "by_password", "verify-full"),
            Resource("password_plain", Fifteen, "localhost", "by_password", "disable"),
            Resource("cert", Fifteen, "localhost", "by_cert", "verify-full", files),
            Resource("cert_missing", Fifteen, "localhost", "by_cert", "verify-full"),
            Resource("prefer", Fifteen, "localhost", "postgres", "prefer"),
            Resource("require_any_name", Fifteen, "127.0.0.2", "postgres", "require"),
            Resource("verify_ca_other_name", Fifteen, "127.0.0.2", "postgres", "verify-ca"),
            Resource("verify_full_other_name", Fifteen, "127.0.0.2", "postgres", "verify-full"),
            Resource("verify_ca_other_authority", Fifteen, "localhost", "postgres", "verify-ca", authority: other.RootFile),
            Resource("verify_full_other_authority", Fifteen, "localhost", "postgres", "verify-full", authority: other.RootFile),
            Resource("no_tls_prefer", "127.0.0.1", WithoutTls.Port, "postgres", "prefer"),
            Resource("no_tls_require", "127.0.0.1", WithoutTls.Port, "postgres", "require"),
        ];
        var configuration = $$"""
            listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
            data: {folder}/data
            policy: {folder}/policy.yaml
            recording: { watermark: 64MiB }
            identity:
              principals:
                - { name: engineer, kind: person, groups: [engineers], secret: env:TEST_SECRET }
            resources:
            {{string.Join('\n', resources)}}
            """;
        Gateway = await GatewayProcess.StartAsync(configuration, Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await WithoutTls.DisposeAsync();
        await Fifteen.DisposeAsync();
        await Eighteen.DisposeAsync();
        _folder.Dispose();
    }

    private static Task<PostgresServer> StartAsync(PostgresVersion version) => PostgresServer.StartAsync(new PostgresOptions
    {
        Version = version,
        Tls = true,
        Seed = Roles,
        AccessRules = Rules,
        Configuration = "listen_addresses = '127.0.0.1,127.0.0.2'",
    });

    private static string Resource(string name, PostgresServer server, string host, string user, string tls, string? more = null, string? authority = null) =>
        Resource(name, host, server.Port, user, tls, $"ca: {authority ?? server.Authority.RootFile}{(more is null ? "" : ", ")}{more}");

    private static string Resource(string name, string host, int port, string user, string tls, string? more = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"  - {{ name: {name}, postgres: {{ upstream: \"{host}:{port}\", database: postgres, user: {user}, password: env:UPSTREAM_PASSWORD, tls: {tls}{(more is null ? "" : ", ")}{more} }} }}");
}
