using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>Who is not the client hears of it too: the webhook's listener, the watcher, the reader of the recording.</summary>
[Collection(OpenGatewayCollection.Name)]
public sealed class AnnouncementTests
{
    private readonly OpenGateway _open;

    public AnnouncementTests(OpenGateway open) => _open = open;

    [Fact]
    public async Task AHoldIsAnnouncedSignedWhenAskedAndWhenEnded()
    {
        await using var client = await RawPostgresClient.LoginAsync(_open.Safe("agent"));
        await client.SendAsync(Messages.Query("delete from orders where id = 2"));
        await HoldTests.UntilAsync(() => Task.FromResult(_open.Webhook.Signed.Count == 1));
        var asked = _open.Webhook.Signed.First();
        Assert.Equal("hold.asked", asked.GetProperty("type").GetString());
        Assert.False(asked.GetProperty("data").TryGetProperty("text", out _));
        var id = asked.GetProperty("data").GetProperty("id").GetString()!;

        var rejected = await _open.SallyportAsync("approvals", "reject", id, "--reason", "not today");

        Assert.True(rejected.ExitCode == 0, rejected.Error);
        Assert.Equal('E', (await client.ReadThroughAsync('Z'))[^2].Type);
        await HoldTests.UntilAsync(() => Task.FromResult(_open.Webhook.Signed.Count == 2));
        var ended = _open.Webhook.Signed.Last();
        Assert.Equal("hold.ended", ended.GetProperty("type").GetString());
        Assert.Equal(id, ended.GetProperty("data").GetProperty("id").GetString());
        Assert.Equal("rejected", ended.GetProperty("data").GetProperty("state").GetString());
    }

    [Fact]
    public async Task ARuleThatOnlyObservesLetsPassAndIsRecorded()
    {
        await using (var client = await RawPostgresClient.LoginAsync(_open.Safe("agent")))
        {
            Assert.Equal("TDDDCZ", string.Concat((await client.QueryAsync("select item from orders")).Select(static m => m.Type)));
            await client.SendAsync(Messages.Terminate());
            Assert.True(await client.IsClosedByServerAsync());
        }

        var export = await _open.SallyportAsync("sessions", "export", "last", "--format", "jsonl");

        Assert.Contains("watched", export.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALiveCommandIsSeenByWhoWatches()
    {
        await using var client = await RawPostgresClient.LoginAsync(_open.Safe("agent"));
        var list = await _open.SallyportAsync("sessions", "list", "--json");
        var id = System.Text.Json.JsonDocument.Parse(list.Output).RootElement[0].GetProperty("id").GetString()!;
        var seen = _open.SallyportAsync("sessions", "watch", id);

        await client.QueryAsync("select 'seen by the watcher'");
        await client.SendAsync(Messages.Terminate());
        Assert.True(await client.IsClosedByServerAsync());

        Assert.Contains("seen by the watcher", (await seen.WaitAsync(TimeSpan.FromSeconds(20))).Output, StringComparison.Ordinal);
    }
}
