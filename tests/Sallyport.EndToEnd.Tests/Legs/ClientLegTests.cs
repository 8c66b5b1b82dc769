using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>What protects a client on its way to the gateway, and the gateway from clients that are nobody yet.</summary>
[Collection(OpenGatewayCollection.Name)]
public sealed class ClientLegTests
{
    private readonly OpenGateway _open;

    public ClientLegTests(OpenGateway open) => _open = open;

    private static string Eighteen => PostgresInstallation.Eighteen.LibraryPath!;

    [Theory]
    [InlineData(false, null, null)]
    [InlineData(false, "require", null)]
    [InlineData(true, "require", null)]
    [InlineData(true, "require", "direct")]
    [InlineData(true, "disable", "direct")]
    public async Task Threat10_PsqlChecksTheGeneratedCertificateAndBindsToIt(bool isEighteen, string? binding, string? negotiation)
    {
        var target = _open.Safe("agent") with { ChannelBinding = binding, SslNegotiation = negotiation };

        var result = await ClientRunner.PsqlAsync("select 'safe';", target, isEighteen ? Eighteen : null);

        Assert.Equal("safe\n", result.Output);
    }

    [Fact]
    public async Task AnotherAuthoritysClientDoesNotTrustTheGateway()
    {
        using var folder = new Testing.Processes.TemporaryFolder("authority");
        using var other = new TestAuthority(folder.FullPath);

        var result = await ClientRunner.PsqlAsync("select 1;", _open.Safe("agent") with { RootCertificate = other.RootFile });

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("certificate verify failed", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NpgsqlConnectsWithTheGeneratedAuthority()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(_open.Safe("agent").ToNpgsql());
        await using var command = source.CreateCommand("select name from customers where id = 1");

        Assert.Equal("Zofia Kranz", await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http/1.1")]
    public async Task DirectTlsWithoutPostgresqlAsItsApplicationProtocolIsRefused(string? protocol)
    {
        using var socket = new TcpClient("127.0.0.1", _open.Gateway.Port);
        await using var tls = new SslStream(socket.GetStream());
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(_open.RootCertificate);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = trust,
            ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
        };

        var read = -1;
        try
        {
            await tls.AuthenticateAsClientAsync(options);
            await tls.WriteAsync(Messages.Startup(Messages.ProtocolThreeZero, ("user", "agent"), ("database", "shop")));
            read = await tls.ReadAsync(new byte[64]);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            read = 0;
        }

        Assert.Equal(0, read);
    }

    [Fact]
    public async Task FromAnotherAddressThanLoopbackOnlyTlsIsServed()
    {
        var plain = await ClientRunner.PsqlAsync("select 1;", _open.Safe("agent") with { Host = OpenGateway.OutsideAddress, SslMode = "disable" });
        Assert.Equal(2, plain.ExitCode);
        Assert.Contains("TLS only", plain.Error, StringComparison.Ordinal);
        Assert.Contains("sslmode=require", plain.Error, StringComparison.Ordinal);

        var safe = await ClientRunner.PsqlAsync("select 'safe';", _open.Safe("agent") with { Host = OpenGateway.OutsideAddress, SslMode = "verify-ca" });
        Assert.Equal("safe\n", safe.Output);
    }

    [Fact]
    public async Task WithoutTlsTheRefusalCarries28000()
    {
        await using var client = await RawPostgresClient.ConnectAsync(OpenGateway.OutsideAddress, _open.Gateway.Port);

        await client.SendAsync(Messages.Startup(Messages.ProtocolThreeZero, ("user", "agent"), ("database", "shop")));

        Assert.Equal("28000", (await client.ReadAsync()).Field('C'));
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Theory]
    [InlineData(Messages.SslRequest)]
    [InlineData(Messages.GssRequest)]
    public async Task Threat3_InsideTlsThereIsNoSecondEncryption(int request)
    {
        await using var client = await RawPostgresClient.ConnectAsync("127.0.0.1", _open.Gateway.Port);
        await client.StartTlsAsync(_open.RootCertificate);

        await client.SendAsync(Messages.Initial(request));

        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadBytesAsync(1));
    }

    [Fact]
    public async Task Threat4_FiveHundredStalledConnectionsKeepNobodyOutAndEndAtTheDeadline()
    {
        var stalled = new List<RawPostgresClient>();
        try
        {
            for (var i = 0; i < 500; i++)
            {
                stalled.Add(await RawPostgresClient.ConnectAsync("127.0.0.1", _open.Gateway.Port));
                await stalled[^1].SendAsync([0, 0, 0]);
            }
            var clock = Stopwatch.StartNew();
            await using (var client = await RawPostgresClient.LoginAsync(_open.Gateway.Target("agent", ShopGateway.Secret, "shop")))
                Assert.Equal("TDCZ", string.Concat((await client.QueryAsync("select 1")).Select(static m => m.Type)));
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"the login took {clock.Elapsed}");

            Assert.All(await Task.WhenAll(stalled.Select(static s => s.IsClosedByServerAsync())), Assert.True);
        }
        finally
        {
            foreach (var one in stalled)
                await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task Threat11_OptionsOfTheEnvironmentDoNotPassOverTlsEither()
    {
        var result = await ClientRunner.PsqlAsync("\\c \"options='-c role=postgres'\"\n", _open.Safe("agent"));

        Assert.Contains("\"options\" does not pass", result.Error, StringComparison.Ordinal);
    }
}
