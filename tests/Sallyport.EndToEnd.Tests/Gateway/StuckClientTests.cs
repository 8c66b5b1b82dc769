using System.Diagnostics;
using System.Text.Json;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>A client that asks for much and reads nothing holds up nobody.</summary>
public sealed class StuckClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    private readonly ShopGateway _shop = new();

    public Task InitializeAsync() => _shop.InitializeAsync();

    public Task DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Threat7_AClientThatStopsReadingIsKilledLikeAnyOther()
    {
        await using var client = await AskAndStopReadingAsync();
        var id = (await LiveAsync()).Single();

        var started = Stopwatch.GetTimestamp();
        var kill = await _shop.SallyportAsync("dana", "sessions", "kill", id);
        Assert.True(kill.ExitCode == 0, kill.Output + kill.Error);
        await HoldTests.UntilAsync(async () => (await LiveAsync()).Count == 0 && await IsIdleAsync());

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Soon);
    }

    [Fact]
    public async Task Threat7_AClientThatStopsReadingDoesNotHoldUpTheGatewaysStop()
    {
        await using var client = await AskAndStopReadingAsync();

        var started = Stopwatch.GetTimestamp();
        var exitCode = await _shop.Gateway.StopAsync();

        Assert.Equal(0, exitCode);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Soon);
    }

    private async Task<RawPostgresClient> AskAndStopReadingAsync()
    {
        var client = await _shop.LoginAsync("engineer");
        await client.SendAsync(Messages.Query("select repeat('x', 1000) from generate_series(1, 1000000)"));
        // Every buffer on the way is full once the server waits for somebody to read.
        await HoldTests.UntilAsync(async () => await _shop.TruthAsync(
            "select count(*) from pg_stat_activity where application_name like 'sallyport:%' and wait_event = 'ClientWrite'") == "1");
        return client;
    }

    private async Task<bool> IsIdleAsync() =>
        await _shop.TruthAsync("select count(*) from pg_stat_activity where application_name like 'sallyport:%' and state = 'active'") == "0";

    private async Task<List<string>> LiveAsync()
    {
        var list = await _shop.SallyportAsync("dana", "sessions", "list", "--live", "--json");
        return [.. JsonDocument.Parse(list.Output).RootElement.EnumerateArray().Select(static s => s.GetProperty("id").GetString()!)];
    }
}
