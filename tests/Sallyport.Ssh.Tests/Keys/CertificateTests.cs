using System.Net;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Tests.Support;

namespace Sallyport.Ssh.Tests.Keys;

public sealed class CertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly KeyFolder _folder = new();
    private readonly Ed25519Signer _authority = CertificateBuilder.NewKey();
    private readonly Ed25519Signer _key = CertificateBuilder.NewKey();

    private CertificateBuilder Right => new(_authority, _key.PublicKey.ToArray());

    public void Dispose()
    {
        _folder.Dispose();
        _authority.Dispose();
        _key.Dispose();
    }

    [Theory]
    [InlineData("ed25519", "rsa")]
    [InlineData("ecdsa", "ed25519")]
    [InlineData("rsa", "ecdsa")]
    public async Task ACertificateOfSshKeygenIsRead(string keyType, string authorityType)
    {
        await _folder.GenerateAsync("ca", "-t", authorityType);
        await _folder.GenerateAsync("key", "-t", keyType);
        var blob = await _folder.CertifyAsync("ca", "key", "-n", "ana,bob", "-z", "4711", "-V", "20260601110000Z:20260601130000Z",
            "-O", "force-command=uptime -p", "-O", "source-address=10.0.0.0/8,192.0.2.7,2001:db8::/32", "-O", "verify-required",
            "-O", "no-port-forwarding");

        Assert.True(Certificate.TryParse(blob, out var certificate, out var fault), fault);
        Assert.Equal((CertificateKind.User, 4711ul, "id of key"), (certificate.Kind, certificate.Serial, certificate.KeyId));
        Assert.Equal(["ana", "bob"], certificate.Principals);
        Assert.Equal(_folder.PublicBlob("key"), certificate.Key.Blob.ToArray());
        Assert.Equal(_folder.PublicBlob("ca"), certificate.Authority.Blob.ToArray());
        Assert.Equal(Now.AddHours(1), certificate.ExpiresAt);
        var restrictions = certificate.Restrictions;
        Assert.Equal("uptime -p", restrictions.ForceCommand);
        Assert.True(restrictions.RequiresUserVerification && restrictions.PermitsPty && !restrictions.PermitsPortForwarding);
        Assert.All((string[])["10.9.8.7", "::ffff:10.9.8.7", "192.0.2.7", "2001:db8::1"], a => Assert.True(restrictions.Admits(IPAddress.Parse(a))));
        Assert.All((string[])["11.0.0.1", "192.0.2.8", "::1"], a => Assert.False(restrictions.Admits(IPAddress.Parse(a))));

        Assert.Null(certificate.FindFault(CertificateKind.User, "Bob", Now));
        Assert.Contains("other names", certificate.FindFault(CertificateKind.User, "carl", Now), StringComparison.Ordinal);
        Assert.Contains("not valid yet", certificate.FindFault(CertificateKind.User, "ana", Now.AddHours(-2)), StringComparison.Ordinal);
        Assert.Contains("expired", certificate.FindFault(CertificateKind.User, "ana", Now.AddHours(1)), StringComparison.Ordinal);
        Assert.Contains("for a user", certificate.FindFault(CertificateKind.Host, "ana", Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat40_AHostCertificateIsNoUsers()
    {
        await _folder.GenerateAsync("ca", "-t", "ed25519");
        await _folder.GenerateAsync("key", "-t", "ed25519");
        Assert.True(Certificate.TryParse(await _folder.CertifyAsync("ca", "key", "-h", "-n", "ana"), out var certificate, out _));
        Assert.Contains("for a host", certificate.FindFault(CertificateKind.User, "ana", Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat40_AnAuthoritySignatureOfSha1IsRefused()
    {
        await _folder.GenerateAsync("ca", "-t", "rsa", "-b", "2048");
        await _folder.GenerateAsync("key", "-t", "ed25519");
        AssertRefused(await _folder.CertifyAsync("ca", "key", "-n", "ana", "-t", "ssh-rsa"), "signature");
    }

    [Fact]
    public void Threat40_AnAuthorityThatIsACertificateItselfIsRefused()
    {
        using var root = CertificateBuilder.NewKey();
        var intermediate = new CertificateBuilder(root, _authority.PublicKey.ToArray()).Build();
        AssertRefused((Right with { AuthorityBlob = intermediate }).Build(), "authority");
    }

    [Fact]
    public void Threat40_WhatNoAuthorityShouldMakeIsRefused()
    {
        Assert.True(Certificate.TryParse(Right.Build(), out _, out var fault), fault);
        AssertRefused((Right with { Nonce = [] }).Build(), "nonce");
        AssertRefused((Right with { Principals = [] }).Build(), "names nobody");
        AssertRefused((Right with { Kind = 3 }).Build(), "neither");
        AssertRefused((Right with { KeyId = "a\u001b[2Jb" }).Build(), "key id");
        AssertRefused((Right with { Critical = [("unheard-of", "x")] }).Build(), "unheard-of");
        AssertRefused((Right with { Critical = [("force-command", null)] }).Build(), "force-command");
        AssertRefused((Right with { Critical = [("source-address", "10.0.0.*")] }).Build(), "source-address");
        AssertRefused((Right with { Critical = [("source-address", "")] }).Build(), "source-address");
        AssertRefused((Right with { Critical = [("verify-required", "x")] }).Build(), "verify-required");
        AssertRefused((Right with { Critical = [("force-command", "a"), ("force-command", "b")] }).Build(), "options");
        AssertRefused((Right with { Critical = [("verify-required", null), ("force-command", "a")] }).Build(), "options");
        AssertRefused((Right with { Kind = 2, Critical = [("force-command", "a")] }).Build(), "force-command");
        AssertRefused((Right with { AuthorityBlob = _key.PublicKey.ToArray() }).Build(), "signature");
    }

    [Theory]
    [InlineData("ana,root")]
    [InlineData("*")]
    [InlineData("an?")]
    [InlineData("!ana")]
    [InlineData("ana\nroot")]
    [InlineData("ana root")]
    [InlineData("")]
    public void Threat40_ANameThatCouldMeanMoreThanOneIsRefused(string name) =>
        AssertRefused((Right with { Principals = ["bob", name] }).Build(), "plain name");

    [Fact]
    public void NoChangedByteOfACertificateIsTaken()
    {
        var blob = Right.Build();
        for (var i = 0; i < blob.Length; i++)
        {
            var changed = (byte[])blob.Clone();
            changed[i] ^= 1;
            Assert.False(Certificate.TryParse(changed, out _, out _), $"byte {i}");
            Assert.False(Certificate.TryParse(blob.AsSpan(0, i), out _, out _), $"cut at {i}");
        }
        Assert.False(Certificate.TryParse([.. blob, 0], out _, out _));
    }

    [Fact]
    public async Task SshKeygenReadsWhatTheAuthorityIssues()
    {
        var authority = new CertificateAuthority(_authority, TimeProvider.System);
        using var issued = authority.IssueUser("session 01 of ana", ["deploy"], TimeSpan.FromMinutes(5));
        await File.WriteAllTextAsync(_folder["c.pub"], "ssh-ed25519-cert-v01@openssh.com " + Convert.ToBase64String(issued.Signer.PublicKey.Span) + "\n");
        var shown = await KeyFolder.KeygenAsync(["-L", "-f", _folder["c.pub"]]);
        Assert.Contains("user certificate", shown, StringComparison.Ordinal);
        Assert.Contains("session 01 of ana", shown, StringComparison.Ordinal);
        Assert.Contains($"Serial: {issued.Certificate.Serial}", shown, StringComparison.Ordinal);
        Assert.Matches(@"Principals:\s+deploy\s+Critical Options: \(none\)\s+Extensions:\s+permit-port-forwarding\s+permit-pty", shown);
        Assert.Equal(["ssh-ed25519-cert-v01@openssh.com"], issued.Signer.Algorithms);
        Assert.True(issued.Certificate.Key.Verify("ssh-ed25519", issued.Signer.Sign(issued.Signer.Algorithms[0], "x"u8), "x"u8));

        var host = authority.CertifyHost(_key, "gateway", ["gw.example"], TimeSpan.FromDays(30));
        Assert.True(Certificate.TryParse(host.PublicKey.Span, out var certificate, out _));
        Assert.Null(certificate.FindFault(CertificateKind.Host, "gw.example", DateTimeOffset.UtcNow));
    }

    [Theory]
    [InlineData("deploy,root")]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("a\nb")]
    public void TheAuthorityIssuesNothingThatAnotherReaderCouldTakeForMore(string name) =>
        Assert.Throws<ArgumentException>(() =>
            new CertificateAuthority(_authority, TimeProvider.System).IssueUser("id", [name], TimeSpan.FromMinutes(5)));

    [Fact]
    public void TheAuthorityIssuesNothingForNobody() => Assert.Throws<ArgumentException>(() =>
        new CertificateAuthority(_authority, TimeProvider.System).IssueUser("id", [], TimeSpan.FromMinutes(5)));

    private static void AssertRefused(byte[] blob, string why)
    {
        Assert.False(Certificate.TryParse(blob, out _, out var fault));
        Assert.Contains(why, fault, StringComparison.Ordinal);
    }
}
