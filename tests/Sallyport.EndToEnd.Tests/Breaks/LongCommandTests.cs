using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Breaks;

/// <summary>What still runs when its session is ended, and who is there when nothing is said.</summary>
public sealed class LongCommandTests : IClassFixture<BreakGateway>
{
    // proc(5), /proc/net/tcp: which timer runs on a socket.
    private const string KeepAliveTimer = "02";

    private readonly BreakGateway _broken;

    public LongCommandTests(BreakGateway broken) => _broken = broken;

    [Fact]
    public async Task WhatAKilledSessionWasRunningIsCancelledOnTheServer()
    {
        await using var client = await RawPostgresClient.LoginAsync(_broken.Target);
        await client.SendAsync(Messages.Query("select pg_sleep(120)"));
        var live = await _broken.JsonAsync("sessions", "list", "--live");

        var killed = await _broken.SallyportAsync("sessions", "kill", live[0].GetProperty("id").GetString()!);

        Assert.True(killed.ExitCode == 0, killed.Output + killed.Error);
        Assert.True(await client.IsClosedByServerAsync());
        await HoldTests.UntilAsync(async () => await _broken.UpstreamsAsync() == 0);
    }

    [Fact]
    public async Task BothLegsAskASilentPeerWhetherItIsThere()
    {
        await using var client = await RawPostgresClient.LoginAsync(_broken.Target);
        await client.QueryAsync("select 1");

        await HoldTests.UntilAsync(() =>
        {
            var sockets = File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
            return Task.FromResult(IsWatched(sockets, local: _broken.Gateway.Port) && IsWatched(sockets, remote: _broken.Server.Port));
        });
    }

    private static bool IsWatched(string[][] sockets, int? local = null, int? remote = null) => sockets.Any(socket =>
        socket[3] == "01" && socket[5].StartsWith(KeepAliveTimer, StringComparison.Ordinal) &&
        (local is null || socket[1].EndsWith($":{local:X4}", StringComparison.Ordinal)) &&
        (remote is null || socket[2].EndsWith($":{remote:X4}", StringComparison.Ordinal)));
}
