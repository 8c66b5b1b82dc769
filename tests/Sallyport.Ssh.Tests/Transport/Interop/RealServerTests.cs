using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport.Interop;

/// <summary>The transport in the client's role against OpenSSH's and dropbear's servers (Debian: openssh-server, dropbear-bin).</summary>
public sealed class RealServerTests : IAsyncLifetime
{
    private static readonly Ed25519Signer User = new();
    private static readonly SshTransportOptions Options = Pair.ClientOptions with { HostKeyVerifier = new KeyPin() };

    private RealServer _sshd = null!;

    public async Task InitializeAsync() => _sshd = await RealServer.OpenSshAsync(
        User, "RekeyLimit 3M", "KexAlgorithms +diffie-hellman-group14-sha256,diffie-hellman-group16-sha512");

    public Task DisposeAsync()
    {
        _sshd.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task OpenSSHsServerAcceptsTheServiceWithEveryAlgorithmThatItHas()
    {
        foreach (var protection in Offers.Protections)
            await AskForServiceAsync(_sshd.Port, "curve25519-sha256", (string)protection[0], (string)protection[1]);
        foreach (var kex in SshAlgorithms.Kex.Concat(SshAlgorithms.LegacyKex).Where(k => !k.StartsWith("mlkem", StringComparison.Ordinal)))
            await AskForServiceAsync(_sshd.Port, kex, "aes128-gcm@openssh.com", "");
    }

    [Fact]
    public async Task DropbearsServerAcceptsTheService()
    {
        using var dropbear = await RealServer.DropbearAsync();
        await AskForServiceAsync(dropbear.Port, "curve25519-sha256", "chacha20-poly1305@openssh.com", "");
        await AskForServiceAsync(dropbear.Port, "ecdh-sha2-nistp256", "aes256-ctr", "hmac-sha2-256");
        await AskForServiceAsync(dropbear.Port, "", "", "");
    }

    /// <summary>sshd asks for new keys every three megabytes, the client every two, while 16 MB go up and come back from cat.</summary>
    [Theory]
    [InlineData("aes128-gcm@openssh.com", "")]
    [InlineData("chacha20-poly1305@openssh.com", "")]
    [InlineData("aes128-ctr", "hmac-sha2-256")]
    [InlineData("aes256-ctr", "hmac-sha2-512-etm@openssh.com")]
    public async Task DataGoesBothWaysThroughNewKeysFromOpenSSHsServerAndFromHere(string cipher, string mac)
    {
        const long Bytes = 16 << 20;
        using var pipe = await Dialer.TcpAsync("127.0.0.1", _sshd.Port, SocketLoops.Next(), default);
        await using var transport = new SshTransport(pipe, Options.With(cipher: cipher, mac: mac) with { RekeyBytes = 2 << 20 },
            TimeProvider.System);
        await AskForServiceAsync(transport);
        await AuthenticateAsync(transport);
        var stream = new ChannelStream(transport);
        await stream.OpenAsync("cat");
        var reading = Task.Run(stream.ReadAsync);
        await stream.SendAsync(Bytes, 7);
        await reading;
        pipe.Shutdown();
        Assert.True(stream.Received == Bytes, $"{stream.Received} {transport.OutcomeText}");
        Assert.Equal(7 * Bytes, stream.Sum);
    }

    private static async Task AskForServiceAsync(int port, string kex, string cipher, string mac)
    {
        using var pipe = await Dialer.TcpAsync("127.0.0.1", port, SocketLoops.Next(), default);
        await using var transport = new SshTransport(pipe, Options.With(kex, cipher, mac), TimeProvider.System);
        await AskForServiceAsync(transport);
        await transport.DisconnectAsync(DisconnectReason.ByApplication, "enough", default);
        if (kex.Length > 0)
            Assert.Equal((kex, cipher, mac), (transport.Negotiated!.Kex, transport.Negotiated.CipherToServer,
                transport.Negotiated.MacToClient));
        pipe.Shutdown();
    }

    private static async Task AskForServiceAsync(SshTransport transport)
    {
        Assert.True(await transport.StartAsync(default) == SshOutcome.Open, transport.OutcomeText);
        Assert.True(await transport.SendAsync(
            new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth").Written.ToArray(), default));
        Assert.True(await transport.ReadAsync(default), transport.OutcomeText);
        Assert.Equal(new SshWriter().Begin(MessageNumber.ServiceAccept).String("ssh-userauth").Written.ToArray(),
            transport.Message.ToArray());
        Assert.Contains("ssh-ed25519", transport.PeerSignatureAlgorithms!);
    }

    private static async Task AuthenticateAsync(SshTransport transport)
    {
        var request = new SshWriter().Begin(MessageNumber.UserAuthRequest).String(Environment.UserName).String("ssh-connection")
            .String("publickey").Boolean(true).String("ssh-ed25519").String(User.PublicKey.Span).Written.ToArray();
        var signature = User.Sign("ssh-ed25519", new SshWriter().String(transport.SessionId.Span).Bytes(request).Written);
        Assert.True(await transport.SendAsync(new SshWriter().Bytes(request).String(signature).Written.ToArray(), default));
        Assert.True(await transport.ReadAsync(default), transport.OutcomeText);
        Assert.Equal((byte)MessageNumber.UserAuthSuccess, transport.Message.Span[0]);
        transport.IsAuthenticated = true;
    }
}
