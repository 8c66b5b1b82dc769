using System.Globalization;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Identity.Tests;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>
/// A gateway that listens on every address of this machine with its own certificate, takes secrets and the tokens of a real OpenID
/// provider, announces holds to a listener here, and gives a connection two seconds to log in.
/// </summary>
public sealed class OpenGateway : IAsyncLifetime
{
    private const string Configuration = """
        listen: { postgres: "0.0.0.0:{port}", admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        limits: { startupDeadline: 2s }
        webhook: { url: "{webhook}", secret: env:WEBHOOK_SECRET }
        identity:
          oidc: [{ issuer: "{issuer}", audience: sallyport, logins: ["bot-*"], allowHttpOnLoopback: true }]
          principals:
            - { name: agent, kind: agent, groups: [agents], secret: env:TEST_SECRET }
            - { name: dana, kind: person, groups: [oncall, admin], secret: env:TEST_SECRET }
        resources:
          - { name: shop, labels: {env: test}, postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
        """;

    public PostgresServer Server { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public RealProvider Provider { get; } = new();

    public WebhookListener Webhook { get; } = new();

    /// <summary>The generated authority, as a client gets it.</summary>
    public string RootCertificate => Path.Combine(Gateway.Folder, "data", "tls", "ca.pem");

    /// <summary>This machine's address on a network; connections to it come from it, and so not from loopback.</summary>
    public static string OutsideAddress { get; } = NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(static i => i.GetIPProperties().UnicastAddresses).Select(static a => a.Address)
        .First(static a => a.AddressFamily == AddressFamily.InterNetwork && !System.Net.IPAddress.IsLoopback(a)).ToString();

    private static Dictionary<string, string?> Environment { get; } =
        new(ShopGateway.Environment) { ["WEBHOOK_SECRET"] = WebhookListener.Secret };

    /// <summary>Over TLS, with the certificate checked as far as libpq can.</summary>
    public ConnectionTarget Safe(string user, string password = ShopGateway.Secret) =>
        Gateway.Target(user, password, "shop") with { Host = "localhost", SslMode = "verify-full", RootCertificate = RootCertificate };

    public Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(Gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(Environment) { ["SALLYPORT_AS"] = "dana", ["SALLYPORT_SECRET"] = ShopGateway.Secret });

    public async Task InitializeAsync()
    {
        var server = PostgresServer.StartAsync(new PostgresOptions { Seed = ShopGateway.Seed });
        await Provider.InitializeAsync();
        Server = await server;
        var configuration = Configuration.Replace("{upstream}", Server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{issuer}", Provider.Issuer, StringComparison.Ordinal).Replace("{webhook}", Webhook.Url, StringComparison.Ordinal);
        Gateway = await GatewayProcess.StartAsync(configuration, ShopGateway.Policy, Environment);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Provider.DisposeAsync();
        await Webhook.DisposeAsync();
        await Server.DisposeAsync();
    }
}

/// <summary>The classes that share one <see cref="OpenGateway"/>.</summary>
[CollectionDefinition(Name)]
public sealed class OpenGatewayCollection : ICollectionFixture<OpenGateway>
{
    public const string Name = "open gateway";
}
