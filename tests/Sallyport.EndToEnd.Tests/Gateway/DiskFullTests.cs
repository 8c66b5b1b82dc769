using System.Globalization;
using System.Text;
using System.Text.Json;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>
/// A user's own output fills the device of the recording. First new sessions are refused, then, with the reserve used up too, the
/// running ones end; the gateway stays up and lets nobody in until it is started again with room.
/// </summary>
public sealed class DiskFullTests : IAsyncLifetime
{
    private const string Policy = """
        version: 1
        rules:
          - { name: all, who: all, on: shop, do: [read, write, create], then: allow }
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {disk}
        policy: {folder}/policy.yaml
        recording: { ring: 16MiB, segment: 16MiB, watermark: 8MiB }
        identity:
          principals:
            - { name: writer, kind: person, groups: [all, admin], secret: env:TEST_SECRET }
        resources:
          - { name: shop, postgres: { upstream: 127.0.0.1:{upstream}, database: postgres, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
        """;

    private SmallDisk _disk = null!;
    private PostgresServer _server = null!;
    private GatewayProcess _gateway = null!;

    public async Task InitializeAsync()
    {
        // The reserve takes 64 MiB of it, the ring 16.
        _disk = await SmallDisk.MountAsync(128);
        _server = await PostgresServer.StartAsync(new PostgresOptions { Seed = "create table ran (n int);" });
        _gateway = await GatewayProcess.StartAsync(
            Configuration.Replace("{disk}", _disk.Path, StringComparison.Ordinal)
                .Replace("{upstream}", _server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
            Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _server.DisposeAsync();
        await _disk.DisposeAsync();
    }

    [Fact]
    public async Task Threat89_AFullDiskEndsSessionsWithAReasonAndNothingRunsUnrecorded()
    {
        await using var filler = await LoginAsync();
        await using var worker = await LoginAsync();
        var filled = FillAsync(filler);

        var last = await InsertUntilRefusedAsync(worker);

        Assert.Equal("53100", last.Field('C'));
        Assert.Contains("cannot record", last.Field('M'), StringComparison.Ordinal);
        Assert.True(await filled);
        Assert.Contains("53100", (await Assert.ThrowsAsync<InvalidOperationException>(LoginAsync)).Message, StringComparison.Ordinal);

        await _disk.GrowAsync(512);
        await _gateway.StopAsync();
        await _gateway.RestartAsync(ShopGateway.Environment);

        await using (var again = await LoginAsync())
            Assert.Equal('Z', (await again.QueryAsync("insert into ran values (-1)"))[^1].Type);
        var verify = await SallyportAsync("sessions", "verify");
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
        var recorded = await ExportAllAsync();
        var ran = (await _server.ExecuteAsync("select n from ran")).Split('\n');
        Assert.True(ran.Length > 1);
        Assert.All(ran, n => Assert.Contains($"insert into ran values ({n})", recorded, StringComparison.Ordinal));
    }

    private Task<RawPostgresClient> LoginAsync() => RawPostgresClient.LoginAsync(_gateway.Target("writer", ShopGateway.Secret, "shop"));

    private static async Task<bool> FillAsync(RawPostgresClient client)
    {
        await client.SendAsync(Messages.Query("select repeat('x', 100000) from generate_series(1, 10000)"));
        return await client.IsClosedByServerAsync();
    }

    private static async Task<PostgresMessage> InsertUntilRefusedAsync(RawPostgresClient client)
    {
        for (var n = 0; n < 1_000_000; n++)
        {
            await client.SendAsync(Messages.Query($"insert into ran values ({n})"));
            while (await client.ReadAsync() is { Type: not 'Z' } message)
            {
                if (message.Type == 'E')
                    return message;
            }
        }
        throw new InvalidOperationException("The device never became full.");
    }

    private Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(_gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(ShopGateway.Environment) { ["SALLYPORT_AS"] = "writer", ["SALLYPORT_SECRET"] = ShopGateway.Secret });

    private async Task<string> ExportAllAsync()
    {
        var list = await SallyportAsync("sessions", "list", "--json");
        var all = new StringBuilder();
        foreach (var session in JsonDocument.Parse(list.Output).RootElement.EnumerateArray())
        {
            var id = session.GetProperty("id").GetString()!;
            all.Append((await SallyportAsync("sessions", "export", id, "--format", "sql")).Output);
        }
        return all.ToString();
    }
}
