using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>The gateway logs in however a server asks for it, and to no server that it was told not to trust.</summary>
public sealed class UpstreamLegTests : IClassFixture<UpstreamServers>
{
    private readonly UpstreamServers _servers;

    public UpstreamLegTests(UpstreamServers servers) => _servers = servers;

    [Theory]
    [InlineData("scram_plus_15", "postgres", true)]
    [InlineData("scram_plus_18", "postgres", true)]
    [InlineData("scram_require_18", "postgres", true)]
    [InlineData("md5_tls", "by_md5", true)]
    [InlineData("md5_plain", "by_md5", false)]
    [InlineData("password_tls", "by_password", true)]
    [InlineData("cert", "by_cert", true)]
    [InlineData("prefer", "postgres", true)]
    [InlineData("require_any_name", "postgres", true)]
    [InlineData("verify_ca_other_name", "postgres", true)]
    public async Task TheServerLetsTheGatewayInAsItsUser(string resource, string user, bool isEncrypted)
    {
        await using var client = await _servers.LoginAsync(resource);

        var row = (await client.QueryAsync("select usename || ' ' || ssl as it from pg_stat_ssl join pg_stat_activity using (pid) where pid = pg_backend_pid()"))[1];

        Assert.Contains($"{user} {(isEncrypted ? "true" : "false")}", row.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyPreferGoesOnWithoutTls()
    {
        await using var client = await _servers.LoginAsync("no_tls_prefer");

        Assert.Contains("in clear", (await client.QueryAsync("select 1"))[1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify_full_other_name", "trusted TLS", "TLS to the upstream of verify_full_other_name failed")]
    [InlineData("verify_ca_other_authority", "trusted TLS", "TLS to the upstream of verify_ca_other_authority failed")]
    [InlineData("verify_full_other_authority", "trusted TLS", "TLS to the upstream of verify_full_other_authority failed")]
    [InlineData("no_tls_require", "trusted TLS", "Upstream of no_tls_require refused TLS")]
    [InlineData("password_plain", "refused", "password in clear without TLS")]
    [InlineData("cert_missing", "could not log in", "connection requires a valid client certificate")]
    public async Task WhatIsWrongIsForTheLogAndTheClientHearsWhomToTell(string resource, string told, string logged)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _servers.LoginAsync(resource));

        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("localhost", refused.Message, StringComparison.Ordinal);
        await Gateway.HoldTests.UntilAsync(() => Task.FromResult(_servers.Gateway.Log.Contains(logged, StringComparison.Ordinal)));
        Assert.DoesNotContain("System.", _servers.Gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat27_ACancelGoesUpstreamOverTlsToo()
    {
        await using var client = await _servers.LoginAsync("scram_plus_18");
        await client.SendAsync(Messages.Query("select pg_sleep(30)"));
        await Gateway.HoldTests.UntilAsync(async () => await _servers.Eighteen.ExecuteAsync("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") == "1");

        await using var canceller = await RawPostgresClient.ConnectAsync("127.0.0.1", _servers.Gateway.Port);
        await canceller.SendAsync(Messages.Initial(Messages.CancelRequest, Messages.Int32(client.CancelKey.ProcessId), client.CancelKey.Secret));

        Assert.Equal("57014", (await client.ReadThroughAsync('Z'))[^2].Field('C'));
    }
}
