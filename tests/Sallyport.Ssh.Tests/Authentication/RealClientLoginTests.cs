using Sallyport.Identity;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Hosts;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Tests.Authentication.Support;
using Sallyport.Ssh.Tests.Support;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Authentication;

/// <summary>Real clients log in (Debian: openssh-client, putty-tools, dropbear-bin, sshpass).</summary>
public sealed class RealClientLoginTests : IAsyncLifetime
{
    private static readonly (string Name, string[] Options)[] Kinds =
    [
        ("ed25519", ["-t", "ed25519"]), ("p256", ["-t", "ecdsa", "-b", "256"]), ("p384", ["-t", "ecdsa", "-b", "384"]),
        ("p521", ["-t", "ecdsa", "-b", "521"]), ("rsa", ["-t", "rsa", "-b", "2048"]),
    ];

    private readonly KeyFolder _folder = new();
    private IReadOnlyList<ISigner> _hostKeys = [];
    private IdentityVerifier _identity = null!;
    private LoginServer _server = null!;

    public async Task InitializeAsync()
    {
        foreach (var (name, options) in Kinds)
            await _folder.GenerateAsync(name, options);
        await _folder.GenerateAsync("stranger", "-t", "ed25519");
        await _folder.GenerateAsync("ca", "-t", "ed25519");
        _hostKeys = HostKeyFiles.LoadOrCreate(_folder["host"], "gateway");
        _identity = TestIdentity.Make(Kinds.Select(k => _folder.PublicBlob(k.Name)), _folder.PublicBlob("ca"));
        await _identity.RefreshAsync(default);
        _server = new LoginServer(_identity, _hostKeys);
        await File.WriteAllTextAsync(_folder["known"], $"* {await File.ReadAllTextAsync(_folder["host/ssh_host_ed25519_key.pub"])}");
    }

    public Task DisposeAsync()
    {
        _server.Dispose();
        _identity.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task OpenSshLogsInWithEveryKindOfKey()
    {
        foreach (var (name, _) in Kinds)
            Assert.Equal("ana web1 publickey", await SshAsync("ana+web1", "-i", _folder[name]));
    }

    [Fact]
    public async Task OpenSshFindsTheRightKeyAmongOthersWithoutAFailedProof()
    {
        Assert.Equal("ana web1 publickey", await SshAsync("ana%web1", "-i", _folder["stranger"], "-i", _folder["p384"]));
        Assert.Empty(_server.Refused);
    }

    [Fact]
    public async Task OpenSshLogsInWithACertificate()
    {
        foreach (var name in (string[])["ed25519", "rsa"])
        {
            await _folder.CertifyAsync("ca", name, "-n", "carl", "-z", "42", "-V", "-1m:+5m");
            Assert.Equal($"carl web1 publickey id of {name} (serial 42)", await SshAsync("carl+web1", "-i", _folder[name]));
        }
    }

    [Theory]
    [InlineData("password")]
    [InlineData("keyboard-interactive")]
    public async Task SshpassLogsInWithASecret(string method) => Assert.Equal(
        $"bob db {method}",
        Said(await Command.RunAsync("sshpass", ["-p", TestIdentity.Secret, "ssh", .. Options("bob+db", false, "-o", $"PreferredAuthentications={method}")])));

    [Fact]
    public async Task ATokenThatOpenSshCutsIsToldOfToTheRecord()
    {
        var token = $"eyJ{new string('a', 700)}.eyJ{new string('b', 700)}.{new string('c', 86)}";
        var result = await Command.RunAsync("sshpass",
            ["-p", token, "ssh", .. Options("bob+db", false, "-o", "PreferredAuthentications=password", "-o", "NumberOfPasswordPrompts=1")]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("cut by the client", Assert.Single(_server.Refused).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlinkLogsInWithAPpkAndWithASecret()
    {
        (await Command.RunAsync("puttygen", [_folder["ed25519"], "-O", "private", "-o", _folder["key.ppk"]])).OrThrow("puttygen");
        var fingerprint = PublicKey.FingerprintOf(_hostKeys[0].PublicKey.Span);
        string[] options = ["-batch", "-P", $"{_server.Port}", "-hostkey", fingerprint];
        Assert.Equal("ana web1 publickey",
            Said(await Command.RunAsync("plink", [.. options, "-i", _folder["key.ppk"], "ana+web1@127.0.0.1", "whoami"], Home())));
        Assert.Equal("bob db keyboard-interactive",
            Said(await Command.RunAsync("plink", [.. options, "-pw", TestIdentity.Secret, "bob+db@127.0.0.1", "whoami"], Home())));
    }

    [Fact]
    public async Task DropbearsClientLogsIn()
    {
        (await Command.RunAsync("dropbearconvert", ["openssh", "dropbear", _folder["p256"], _folder["key.db"]])).OrThrow("dropbearconvert");
        Assert.Equal("ana web1 publickey", Said(await Command.RunAsync("dbclient",
            ["-y", "-y", "-i", _folder["key.db"], "-p", $"{_server.Port}", "ana+web1@127.0.0.1", "whoami"], Home())));
    }

    [Fact]
    public async Task OpenSshTrustsAHostCertificateAndShowsTheBanner()
    {
        using var ca = PrivateKeySigner.Load(_folder.PrivateText("ca"));
        var certified = new CertificateAuthority(ca, TimeProvider.System).CertifyHost(_hostKeys[0], "gateway", ["127.0.0.1"], TimeSpan.FromHours(1));
        using var server = new LoginServer(_identity, [certified]) { Banner = "Approve at https://gw.example" };
        await File.WriteAllTextAsync(_folder["known"], $"@cert-authority * {_folder.PublicLine("ca")}\n");
        var result = await Command.RunAsync("ssh", ["-o", "LogLevel=INFO", .. Options("ana+web1", true, "-i", _folder["ed25519"], "-p", $"{server.Port}")]);
        Assert.Equal("ana web1 publickey", Said(result));
        Assert.Contains("Approve at https://gw.example", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWrongKeyIsDenied()
    {
        var result = await Command.RunAsync("ssh", Options("ana+web1", true, "-i", _folder["stranger"]));
        Assert.Equal(255, result.ExitCode);
        Assert.Contains("Permission denied (publickey,password,keyboard-interactive)", result.Error, StringComparison.Ordinal);
    }

    private async Task<string> SshAsync(string user, params string[] options) =>
        Said(await Command.RunAsync("ssh", Options(user, true, options)));

    private string[] Options(string user, bool isBatch, params string[] options) =>
    [
        "-F", "none", "-o", "StrictHostKeyChecking=yes", "-o", $"UserKnownHostsFile={_folder["known"]}", "-o", "IdentitiesOnly=yes",
        "-o", $"BatchMode={(isBatch ? "yes" : "no")}", .. options, .. options.Contains("-p") ? (string[])[] : ["-p", $"{_server.Port}"],
        $"{user}@127.0.0.1", "whoami",
    ];

    /// <summary>Clients that keep known hosts write them there.</summary>
    private Dictionary<string, string?> Home() => new() { ["HOME"] = _folder["."] };

    private string Said(CommandResult result)
    {
        Assert.True(result.ExitCode == 0, $"{result.ExitCode} {result.Error}\n{string.Join('\n', _server.Refused)}");
        return result.Output.Trim();
    }
}
