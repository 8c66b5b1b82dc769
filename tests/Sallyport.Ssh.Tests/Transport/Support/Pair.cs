using Sallyport.Ssh.Transport;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>A client and a server transport on one connection in memory.</summary>
internal sealed class Pair : IAsyncDisposable
{
    public static readonly Ed25519Signer HostKey = new();

    private Pair(SshTransport client, SshTransport server) => (Client, Server) = (client, server);

    public SshTransport Client { get; }

    public SshTransport Server { get; }

    public static SshTransportOptions ClientOptions { get; } = new()
    {
        Role = SshRole.Client,
        HostKeyVerifier = new KeyPin(HostKey.PublicKey.ToArray()),
    };

    public static SshTransportOptions ServerOptions { get; } = new() { Role = SshRole.Server, HostKeys = [HostKey] };

    public static Pair Make(SshTransportOptions? client = null, SshTransportOptions? server = null,
        (CableEnd Client, CableEnd Server)? cable = null, TimeProvider? time = null)
    {
        var ends = cable ?? Cable.Straight();
        time ??= TimeProvider.System;
        return new Pair(
            new SshTransport(ends.Client, client ?? ClientOptions, time), new SshTransport(ends.Server, server ?? ServerOptions, time));
    }

    /// <summary>Exchanges the first keys; both must be open afterwards.</summary>
    public static async Task<Pair> StartAsync(SshTransportOptions? client = null, SshTransportOptions? server = null,
        (CableEnd Client, CableEnd Server)? cable = null, TimeProvider? time = null, bool isAuthenticated = true)
    {
        var pair = Make(client, server, cable, time);
        var (ofClient, ofServer) = await pair.OutcomesAsync();
        Assert.True(ofClient == SshOutcome.Open, pair.Client.OutcomeText);
        Assert.True(ofServer == SshOutcome.Open, pair.Server.OutcomeText);
        pair.Client.IsAuthenticated = pair.Server.IsAuthenticated = isAuthenticated;
        return pair;
    }

    public async Task<(SshOutcome Client, SshOutcome Server)> OutcomesAsync()
    {
        var client = Client.StartAsync(default).AsTask();
        var server = Server.StartAsync(default).AsTask();
        return (await client, await server);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
