using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>Whatever the server ran is in the recording, whatever happens to the gateway.</summary>
public sealed class RecordingTests : IAsyncLifetime
{
    private readonly ShopGateway _shop = new();

    public Task InitializeAsync() => _shop.InitializeAsync();

    public Task DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task AfterKill9UnderLoadEveryCommandThatTheServerRanIsRecordedAndVerifies()
    {
        await _shop.TruthAsync("create table ran (worker int, n int)");
        var workers = Enumerable.Range(0, 4).Select(WorkAsync).ToArray();
        await HoldTests.UntilAsync(async () => int.Parse(await _shop.TruthAsync("select count(*) from ran"), System.Globalization.CultureInfo.InvariantCulture) > 50);

        await _shop.Gateway.KillAsync();
        await Task.WhenAll(workers);
        // What was on its way to the server when the gateway died may still run.
        await HoldTests.UntilAsync(async () => await _shop.TruthAsync("select count(*) from pg_stat_activity where application_name like 'sallyport:%'") == "0");
        await _shop.Gateway.RestartAsync(ShopGateway.Environment);

        var verify = await _shop.SallyportAsync("dana", "sessions", "verify");
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
        var ran = (await _shop.TruthAsync("select worker || ',' || n from ran")).Split('\n');
        var recorded = await ExportAllAsync();
        Assert.All(ran, one => Assert.Contains($"insert into ran values ({one})", recorded, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ASessionIsReplayedWithCommandsDecisionsAndMaskedTables()
    {
        await using (var client = await _shop.LoginAsync("agent"))
        {
            await client.QueryAsync("select name, ssn from customers order by id");
            await client.QueryAsync("drop table orders");
            await client.SendAsync(Messages.Terminate());
            Assert.True(await client.IsClosedByServerAsync());
        }

        var replay = await _shop.SallyportAsync("dana", "sessions", "replay", "last", "--no-wait");

        Assert.Contains("select name, ssn from customers order by id", replay.Output, StringComparison.Ordinal);
        Assert.Contains("Zofia Kranz", replay.Output, StringComparison.Ordinal);
        Assert.Contains("[redacted]", replay.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("912-45-6781", replay.Output, StringComparison.Ordinal);
        Assert.Contains("drop table orders", replay.Output, StringComparison.Ordinal);
        Assert.Contains("deny", replay.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, (await ClientRunner.PsqlAsync("select 1", _shop.As("agent"))).ExitCode);
    }

    private async Task WorkAsync(int worker)
    {
        try
        {
            await using var client = await _shop.LoginAsync("engineer");
            for (var i = 0; ; i++)
                await client.QueryAsync($"insert into ran values ({worker},{i})");
        }
        catch (Exception e) when (e is IOException or EndOfStreamException)
        {
            // The gateway was killed: that is the test.
        }
    }

    private async Task<string> ExportAllAsync()
    {
        var list = await _shop.SallyportAsync("dana", "sessions", "list", "--json");
        var all = new System.Text.StringBuilder();
        foreach (var session in System.Text.Json.JsonDocument.Parse(list.Output).RootElement.EnumerateArray())
            all.Append((await _shop.SallyportAsync("dana", "sessions", "export", session.GetProperty("id").GetString()!, "--format", "jsonl")).Output);
        return all.ToString();
    }
}
