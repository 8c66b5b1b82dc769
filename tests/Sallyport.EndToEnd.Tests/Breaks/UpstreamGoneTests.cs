using System.Globalization;
using System.Text.Json;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Breaks;

/// <summary>A server may be gone after any byte it sent, or fall silent: the client hears of it, and no session stays.</summary>
public sealed class UpstreamGoneTests : IAsyncLifetime
{
    private const int Stride = 13;

    private const string Policy = """
        version: 1
        rules: [{ name: all, who: agents, on: shop, do: [read, transaction], then: allow }]
        masks: [{ name: keys, who: veiled, on: shop, detect: [aws_key, pan], with: redact }]
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: plain, kind: agent, groups: [agents], secret: env:TEST_SECRET }
            - { name: veiled, kind: agent, groups: [agents, veiled], secret: env:TEST_SECRET }
            - { name: dana, kind: person, groups: [admin], secret: env:TEST_SECRET }
        resources:
          - { name: shop, postgres: { upstream: 127.0.0.1:{upstream}, user: any, password: env:TEST_SECRET, tls: disable } }
        """;

    private readonly MortalUpstream _upstream = new();
    private GatewayProcess _gateway = null!;

    public async Task InitializeAsync()
    {
        var port = _upstream.Port.ToString(CultureInfo.InvariantCulture);
        var configuration = Configuration.Replace("{upstream}", port, StringComparison.Ordinal);
        _gateway = await GatewayProcess.StartAsync(configuration, Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("plain", Departure.Fin)]
    [InlineData("plain", Departure.Reset)]
    [InlineData("veiled", Departure.Fin)]
    [InlineData("veiled", Departure.Reset)]
    public async Task Threat9_AServerThatIsGoneAfterAnyByteIsTold(string principal, Departure departure)
    {
        Assert.Equal("whole", await PlayAsync(principal));
        var last = MortalUpstream.Ends[^1];
        SortedSet<int> offsets = [.. MortalUpstream.Ends.SelectMany(static end => (int[])[end - 1, end, end + 1])];
        for (var offset = 0; offset < last; offset += Stride)
            offsets.Add(offset);

        foreach (var offset in offsets.GetViewBetween(0, last - 1))
        {
            (_upstream.Lives, _upstream.Departure) = (offset, departure);
            var told = await PlayAsync(principal);
            var isTold = told.StartsWith("08006", StringComparison.Ordinal) || (told == "closed" && MortalUpstream.IsInsideOfData(offset));
            Assert.True(isTold, $"{departure} after {offset} bytes: {told}");
        }

        await NoSessionStaysAsync();
    }

    [Theory]
    [InlineData(Departure.Fin)]
    [InlineData(Departure.Reset)]
    public async Task Threat9_ACatalogueThatBreaksOffLetsNoCommandPassAndTheSessionLives(Departure departure)
    {
        (_upstream.Departure, _upstream.LeavesCatalogue) = (departure, true);
        for (var offset = 0; offset < MortalUpstream.LoginLength + 60; offset += 7)
        {
            _upstream.Lives = offset;
            await using var client = await LoginAsync("plain");
            await client.SendAsync(MortalUpstream.Asked[0]);
            var told = await client.ReadAsync();
            Assert.True(told.Field('C') == "42501", $"{departure} after {offset} bytes: {told}");
        }
    }

    [Fact]
    public async Task Threat4_AServerThatFallsSilentDuringTheLoginIsGivenUpInTime()
    {
        _upstream.Departure = Departure.Silence;
        List<Task<string>> refused = [];
        foreach (var offset in (int[])[0, 1, 5, 9, 30, MortalUpstream.LoginLength - 1])
        {
            var before = _upstream.Accepted;
            _upstream.Lives = offset;
            refused.Add(PlayAsync("plain"));
            await HoldTests.UntilAsync(() => Task.FromResult(_upstream.Accepted > before));
        }

        Assert.All(await Task.WhenAll(refused), static told => Assert.Contains("does not answer in time", told, StringComparison.Ordinal));
        await NoSessionStaysAsync();
    }

    [Fact]
    public async Task Threat4_ACatalogueThatFallsSilentHoldsUpNobodyLongerThanItsDeadline()
    {
        (_upstream.Departure, _upstream.LeavesCatalogue, _upstream.Lives) = (Departure.Silence, true, MortalUpstream.LoginLength + 10);
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LoginAsync("plain")));

        var told = await Task.WhenAll(clients.Select(static async client =>
        {
            await client.SendAsync(MortalUpstream.Asked[0]);
            return (await client.ReadAsync()).Field('C');
        }));

        Assert.All(told, static state => Assert.Equal("42501", state));
        foreach (var client in clients)
            await client.DisposeAsync();
        await NoSessionStaysAsync();
    }

    [Fact]
    public async Task ASessionWhoseServerFellSilentEndsWhenItIsKilled()
    {
        (_upstream.Departure, _upstream.Lives) = (Departure.Silence, MortalUpstream.LoginLength + 3);
        await using var client = await LoginAsync("plain");
        await client.SendAsync(MortalUpstream.Asked[0]);

        var live = JsonDocument.Parse((await SallyportAsync("sessions", "list", "--live", "--json")).Output).RootElement;
        var killed = await SallyportAsync("sessions", "kill", live[0].GetProperty("id").GetString()!, "--reason", "it hangs");

        Assert.True(killed.ExitCode == 0, killed.Output + killed.Error);
        Assert.Equal("57P01", (await client.ReadAsync()).Field('C'));
        Assert.True(await client.IsClosedByServerAsync());
        await NoSessionStaysAsync();
    }

    [Fact]
    public async Task AGatewayWhoseServersFellSilentStopsAllTheSame()
    {
        (_upstream.Departure, _upstream.Lives) = (Departure.Silence, MortalUpstream.LoginLength + 3);
        await using var client = await LoginAsync("plain");
        await client.SendAsync(MortalUpstream.Asked[0]);

        Assert.Equal(0, await _gateway.StopAsync());
        Assert.Equal("57P01", (await client.ReadAsync()).Field('C'));
    }

    private Task<RawPostgresClient> LoginAsync(string principal) =>
        RawPostgresClient.LoginAsync(_gateway.Target(principal, ShopGateway.Secret, "shop"));

    /// <summary>The error that ended it, "closed", or "whole". Never comes back when the gateway hangs for longer than a client's
    /// patience.</summary>
    private async Task<string> PlayAsync(string principal)
    {
        try
        {
            await using var client = await LoginAsync(principal);
            foreach (var turn in MortalUpstream.Asked)
            {
                await client.SendAsync(turn);
                PostgresMessage message;
                do
                {
                    message = await client.ReadAsync();
                    if (message.Type == 'E')
                        return $"{message.Field('C')} {message.Field('V')} {message.Field('M')}";
                }
                while (message.Type != 'Z');
            }
            return "whole";
        }
        catch (InvalidOperationException refused)
        {
            return refused.Message;
        }
        catch (IOException)
        {
            return "closed";
        }
    }

    private Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(_gateway.Folder,
        "sallyport.yaml")],
        new Dictionary<string, string?>(ShopGateway.Environment) { ["SALLYPORT_AS"] = "dana", ["SALLYPORT_SECRET"] = ShopGateway.Secret });

    private async Task NoSessionStaysAsync()
    {
        await HoldTests.UntilAsync(async () => (await SallyportAsync("sessions", "list", "--live", "--json")).Output.Trim() == "[]");
        var verify = await SallyportAsync("sessions", "verify");
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
    }
}
