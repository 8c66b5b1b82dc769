using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>What is in the way of a start is said in one place with an exit code of its own; what comes while it runs ends nothing.</summary>
public sealed class StartTests : IClassFixture<ShopGateway>
{
    private readonly ShopGateway _shop;

    public StartTests(ShopGateway shop) => _shop = shop;

    private static async Task<CommandResult> ServeAsync(TemporaryFolder folder, string configuration, string policy = ShopGateway.Policy)
    {
        await File.WriteAllTextAsync(folder["sallyport.yaml"], configuration);
        await File.WriteAllTextAsync(folder["policy.yaml"], policy);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await GatewayProgram.RunAsync(["serve", "--config", folder["sallyport.yaml"]],
            ShopGateway.Environment, cancellation: patience.Token);
    }

    private static string Configuration(int port, string data) => string.Create(CultureInfo.InvariantCulture, $$"""
        listen: { postgres: 127.0.0.1:{{port}} }
        data: {{data}}
        policy: ./policy.yaml
        recording: { watermark: 64MiB }
        identity: { principals: [{ name: agent, kind: agent, groups: [agents, engineers, oncall], secret: env:TEST_SECRET }] }
        resources: [{ name: shop, labels: {env: test}, postgres: { upstream: 127.0.0.1:1, user: postgres, tls: disable } }]
        """);

    [Fact]
    public async Task APortThatIsTakenIsSaidWithExitCodeSix()
    {
        using var folder = new TemporaryFolder("start");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var result = await ServeAsync(folder, Configuration(port, "./data"));

        Assert.Equal(6, result.ExitCode);
        Assert.Contains($"cannot listen on 127.0.0.1:{port}", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASecondGatewayOnTheSameDataIsRefusedWithExitCodeSeven()
    {
        using var folder = new TemporaryFolder("start");

        var result = await ServeAsync(folder, Configuration(FreePort.Next(), Path.Combine(_shop.Gateway.Folder, "data")));

        Assert.Equal(7, result.ExitCode);
        Assert.Contains("other gateway", result.Error, StringComparison.OrdinalIgnoreCase);
        await using var client = await _shop.LoginAsync("engineer");
        Assert.Equal('T', (await client.QueryAsync("select 1"))[0].Type);
    }

    [Fact]
    public async Task EveryMistakeOfTheConfigurationIsSaidAtOnceWithExitCodeFive()
    {
        using var folder = new TemporaryFolder("start");

        var result = await ServeAsync(folder, "listen: { postgres: nowhere }\nlimits: { sessions: many }\nresorces: []\n");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("sallyport.yaml:1:", result.Error, StringComparison.Ordinal);
        Assert.Contains("sallyport.yaml:2:", result.Error, StringComparison.Ordinal);
        Assert.Contains("sallyport.yaml:3:", result.Error, StringComparison.Ordinal);
        Assert.Contains("resources", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABadPolicyStartsNothing()
    {
        using var folder = new TemporaryFolder("start");

        var result = await ServeAsync(folder, Configuration(FreePort.Next(), "./data"), "version: 1\nrules: [{ name: a, who: agents, on: shop, doo: read, then: allow }]\n");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("policy.yaml:2:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat20_APolicyThatWasTightenedAfterParseDecidesTheExecute()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(Messages.Parse("s", "select item from orders"), Messages.Sync());
        await client.ReadThroughAsync('Z');
        try
        {
            await _shop.Gateway.WritePolicyAsync("version: 1\nrules: [{ name: broken");
            await HoldTests.UntilAsync(() => Task.FromResult(_shop.Gateway.Log.Contains("policy.yaml:", StringComparison.Ordinal)));
            Assert.Contains('D', await ExecuteAsync(client));

            var tight = ShopGateway.Policy.Replace("if: {relation: public.orders}, then: deny, mode: observe", "if: {relation: public.orders}, then: deny", StringComparison.Ordinal);
            await _shop.Gateway.WritePolicyAsync(tight);
            await HoldTests.UntilAsync(async () => (await ExecuteAsync(client)).Contains('E', StringComparison.Ordinal));
            Assert.DoesNotContain('D', await ExecuteAsync(client));
        }
        finally
        {
            await _shop.Gateway.WritePolicyAsync(ShopGateway.Policy);
        }
        await HoldTests.UntilAsync(async () => (await ExecuteAsync(client)).Contains('D', StringComparison.Ordinal));
    }

    [Fact]
    public async Task AServerThatEndsTheSessionIsToldAndTheGatewayLives()
    {
        await using var client = await _shop.LoginAsync("engineer");
        var own = (await client.QueryAsync("select pg_backend_pid()"))[1].Text;
        Assert.NotEmpty(own);

        await _shop.TruthAsync("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'sallyport:engineer:%'");

        Assert.Equal("FATAL", (await client.ReadThroughAsync('E'))[^1].Field('V'));
        Assert.True(await client.IsClosedByServerAsync());
        await using var next = await _shop.LoginAsync("engineer");
        Assert.Equal('T', (await next.QueryAsync("select 1"))[0].Type);
    }

    private static async Task<string> ExecuteAsync(RawPostgresClient client)
    {
        await client.SendAsync(Messages.Bind("", "s"), Messages.Execute(""), Messages.Sync());
        return string.Concat((await client.ReadThroughAsync('Z')).Select(static m => m.Type));
    }
}
