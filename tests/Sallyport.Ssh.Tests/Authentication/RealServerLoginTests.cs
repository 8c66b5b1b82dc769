using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Hosts;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Tests.Support;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Authentication;

/// <summary>The client's half against OpenSSH's server (Debian: openssh-server).</summary>
public sealed class RealServerLoginTests : IAsyncLifetime
{
    private static readonly string[] Kinds = ["ed25519", "ecdsa", "rsa"];
    private readonly KeyFolder _folder = new();
    private readonly List<PrivateKeySigner> _keys = [];
    private RealServer _sshd = null!;

    public async Task InitializeAsync()
    {
        foreach (var kind in (string[])[.. Kinds, "stranger", "ca", "hostca", "host"])
            await _folder.GenerateAsync(kind, "-t", Kinds.Contains(kind) ? kind : "ed25519");
        foreach (var kind in Kinds)
            _keys.Add(PrivateKeySigner.Load(_folder.PrivateText(kind)));
        await File.WriteAllLinesAsync(_folder["authorized"], Kinds.Select(_folder.PublicLine));
        await _folder.CertifyAsync("hostca", "host", "-h", "-n", "127.0.0.1");
        _sshd = await RealServer.OpenSshAsync(
            new Transport.Support.Ed25519Signer(), $"AuthorizedKeysCommand /bin/cat {_folder["authorized"]}", $"AuthorizedKeysCommandUser {Environment.UserName}",
            $"TrustedUserCAKeys {_folder["ca.pub"]}", $"HostKey {_folder["host"]}", $"HostCertificate {_folder["host-cert.pub"]}");
    }

    public Task DisposeAsync()
    {
        _sshd.Dispose();
        _keys.ForEach(static k => k.Dispose());
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task EveryKindOfKeyLogsIn()
    {
        var trusted = Trust(await ScanAsync());
        foreach (var key in _keys)
            Assert.Equal("publickey", (await LogInAsync(trusted, key)).Method);
    }

    [Fact]
    public async Task ACertificateThatTheGatewayIssuesLogsIn()
    {
        using var ca = PrivateKeySigner.Load(_folder.PrivateText("ca"));
        var authority = new CertificateAuthority(ca, TimeProvider.System);
        using var issued = authority.IssueUser("session of ana", [Environment.UserName], TimeSpan.FromMinutes(5));
        using var other = authority.IssueUser("session of ana", ["nobody-here"], TimeSpan.FromMinutes(5));
        var trusted = Trust(await ScanAsync());
        Assert.True((await LogInAsync(trusted, issued.Signer)) is { IsAccepted: true });
        Assert.False((await LogInAsync(trusted, other.Signer)).IsAccepted);
    }

    [Fact]
    public async Task AKeyThatIsNotAuthorizedIsRefusedAndTheNextOneTried()
    {
        using var stranger = PrivateKeySigner.Load(_folder.PrivateText("stranger"));
        var trusted = Trust(await ScanAsync());
        Assert.False((await LogInAsync(trusted, stranger)).IsAccepted);
        Assert.True((await LogInAsync(trusted, stranger, _keys[0])).IsAccepted);
    }

    [Fact]
    public async Task TheServerIsTrustedByItsHostCertificate() =>
        Assert.True((await LogInAsync(Trust(["@cert-authority " + _folder.PublicLine("hostca")]), _keys[0])).IsAccepted);

    [Fact]
    public async Task Threat49_AServerWithAnotherKeyIsNotLoggedInTo()
    {
        foreach (var line in (string[])[_folder.PublicLine("stranger"), "@cert-authority " + _folder.PublicLine("ca")])
        {
            using var pipe = await Dialer.TcpAsync("127.0.0.1", _sshd.Port, SocketLoops.Next(), default);
            await using var transport = new SshTransport(pipe, Options(Trust([line])), TimeProvider.System);
            Assert.Equal(SshOutcome.HostKeyRefused, await transport.StartAsync(default));
        }
    }

    private async Task<ClientAuthenticationResult> LogInAsync(TrustedHostKeys trusted, params ISigner[] signers)
    {
        using var pipe = await Dialer.TcpAsync("127.0.0.1", _sshd.Port, SocketLoops.Next(), default);
        await using var transport = new SshTransport(pipe, Options(trusted), TimeProvider.System);
        Assert.True(await transport.StartAsync(default) == SshOutcome.Open, transport.OutcomeText);
        var result = await new ClientAuthentication(transport, new ClientCredentials { User = Environment.UserName, Signers = signers })
            .RunAsync(default);
        await transport.DisconnectAsync(DisconnectReason.ByApplication, "enough", default);
        pipe.Shutdown();
        return result;
    }

    /// <summary>The keys that the server shows.</summary>
    private async Task<string[]> ScanAsync()
    {
        var lines = (await Command.RunAsync("ssh-keyscan", ["-p", $"{_sshd.Port}", "127.0.0.1"])).OrThrow("ssh-keyscan").Output;
        return [.. lines.Split('\n').Where(static l => l.Contains(' ', StringComparison.Ordinal) && l[0] != '#').Select(static l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
    }

    private static SshTransportOptions Options(TrustedHostKeys trusted) => new() { Role = SshRole.Client, HostKeyVerifier = trusted };

    private static TrustedHostKeys Trust(IEnumerable<string> lines)
    {
        Assert.True(HostKeyList.TryParse(lines, out var list, out var fault), fault);
        return new TrustedHostKeys("127.0.0.1", list, TimeProvider.System);
    }
}
