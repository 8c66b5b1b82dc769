using System.Net;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>
/// Whoever tries secrets is slowed, and nobody else. No database is behind the gateway: a right proof shows by what is said of that.
/// </summary>
public sealed class GuessingTests : IAsyncLifetime
{
    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port} }
        data: {folder}/data
        recording: { watermark: 64MiB }
        limits: { wrongProofsPerSource: 3 }
        identity: { principals: [{ name: agent, kind: agent, groups: [agents, engineers, oncall], secret: env:TEST_SECRET }] }
        resources: [{ name: shop, labels: {env: test}, postgres: { upstream: 127.0.0.1:1, user: postgres, tls: disable } }]
        """;

    private GatewayProcess _gateway = null!;

    public async Task InitializeAsync() =>
        _gateway = await GatewayProcess.StartAsync(Configuration, ShopGateway.Policy, ShopGateway.Environment);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task ASourceThatProvesWronglyTooOftenMustWaitAndOthersNeedNot()
    {
        var refused = "";
        await HoldTests.UntilAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => LoginAsync("wrong", IPAddress.Loopback)));
            refused = await LoginAsync(ShopGateway.Secret, IPAddress.Loopback);
            return refused.Contains("too many wrong proofs", StringComparison.Ordinal);
        });

        Assert.StartsWith("53300", refused, StringComparison.Ordinal);
        Assert.Contains("Too many wrong proofs from 127.0.0.1", _gateway.Log, StringComparison.Ordinal);
        Assert.StartsWith("08", await LoginAsync(ShopGateway.Secret, IPAddress.Parse("127.0.0.2")), StringComparison.Ordinal);
        await HoldTests.UntilAsync(async () =>
            (await LoginAsync(ShopGateway.Secret, IPAddress.Loopback)).StartsWith("08", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AskingHowToProveOneselfIsNoGuess()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var client = await RawPostgresClient.ConnectAsync("127.0.0.1", _gateway.Port);
            await client.SendAsync(Messages.Startup(Messages.ProtocolThreeZero, ("user", "agent"), ("database", "shop")));
            Assert.Equal('R', (await client.ReadAsync()).Type);
        }

        Assert.StartsWith("08", await LoginAsync(ShopGateway.Secret, IPAddress.Loopback), StringComparison.Ordinal);
    }

    /// <summary>What the client is told; there is always an error.</summary>
    private async Task<string> LoginAsync(string secret, IPAddress source) =>
        (await Assert.ThrowsAsync<InvalidOperationException>(() =>
            RawPostgresClient.LoginAsync(_gateway.Target("agent", secret, "shop"), source: source))).Message;
}
