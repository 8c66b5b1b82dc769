using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Hosts;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Tests.Support;

namespace Sallyport.Ssh.Tests.Keys;

public sealed class TrustedHostKeysTests : IDisposable
{
    private readonly Ed25519Signer _key = CertificateBuilder.NewKey();
    private readonly Ed25519Signer _other = CertificateBuilder.NewKey();
    private readonly Ed25519Signer _authority = CertificateBuilder.NewKey();

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Threat49_OnlyAConfiguredKeyIsTrusted()
    {
        var trusted = Trust(Line(_key));
        Assert.Equal(["ssh-ed25519"], trusted.Algorithms);
        Assert.Null(Ask(trusted, _key));
        Assert.Contains("not one of its configured", Ask(trusted, _other), StringComparison.Ordinal);
    }

    [Fact]
    public void Threat49_NothingConfiguredTrustsNobody()
    {
        Assert.Empty(Trust().Algorithms);
        Assert.NotNull(Ask(Trust(), _key));
    }

    [Fact]
    public void Threat49_ARevokedKeyIsNotTrusted() =>
        Assert.Contains("revoked", Ask(Trust(Line(_key), "@revoked " + Line(_key)), _key), StringComparison.Ordinal);

    [Fact]
    public void Threat49_ASignatureOfAnotherKeyIsRefused()
    {
        var trusted = Trust(Line(_key));
        Assert.NotNull(trusted.FindFault("ssh-ed25519", _key.PublicKey.Span, _other.Sign("ssh-ed25519", "hash"u8), "hash"u8));
        Assert.NotNull(trusted.FindFault("ssh-ed25519", _key.PublicKey.Span, _key.Sign("ssh-ed25519", "hash"u8), "other"u8));
        Assert.NotNull(trusted.FindFault("rsa-sha2-512", _key.PublicKey.Span, _key.Sign("ssh-ed25519", "hash"u8), "hash"u8));
    }

    [Fact]
    public void ACertificateForTheHostIsTrusted()
    {
        var trusted = Trust("# the hosts' authority", "@cert-authority " + Line(_authority));
        Assert.Equal("ssh-ed25519-cert-v01@openssh.com", trusted.Algorithms[0]);
        Assert.Null(Ask(trusted, Certified("WEB1")));
        Assert.Contains("other names", Ask(trusted, Certified("web2")), StringComparison.Ordinal);
        // An authority is not the host's own key.
        Assert.NotNull(Ask(trusted, _authority));
        Assert.NotNull(Ask(Trust(Line(_authority)), Certified("web1")));
        Assert.Contains("revoked", Ask(Trust("@cert-authority " + Line(_authority), "@revoked " + Line(_key)), Certified("web1")), StringComparison.Ordinal);
    }

    [Fact]
    public void Threat49_AUserCertificateOfTheHostsAuthorityIsNoHost()
    {
        var blob = new CertificateBuilder(_authority, _key.PublicKey.ToArray()) { Principals = ["web1"] }.Build();
        Assert.True(Certificate.TryParse(blob, out var certificate, out _));
        Assert.Contains("for a user", Ask(Trust("@cert-authority " + Line(_authority)), new CertifiedSigner(_key, certificate)), StringComparison.Ordinal);
    }

    [Fact]
    public void Threat49_TheFirstKeyIsTrustedOnlyWhereThatIsSaidAndNothingIsKnown()
    {
        PublicKey? known = null;
        bool Record(PublicKey key) => (known ??= key).Blob.Span.SequenceEqual(key.Blob.Span);
        var first = new TrustedHostKeys("web1", HostKeyList.Empty, TimeProvider.System, Record);
        Assert.NotNull(first.FindFault("ssh-ed25519", _key.PublicKey.Span, _other.Sign("ssh-ed25519", "hash"u8), "hash"u8));
        Assert.Null(known);
        Assert.Null(Ask(first, _key));
        Assert.Null(Ask(first, _key));
        Assert.Contains("another one before", Ask(first, _other), StringComparison.Ordinal);

        Assert.True(HostKeyList.TryParse([Line(_key)], out var list, out _));
        Assert.NotNull(Ask(new TrustedHostKeys("web1", list, TimeProvider.System, static _ => true), _other));
    }

    [Theory]
    [InlineData("web1 ssh-ed25519 AAAA")]
    [InlineData("@cert-authority")]
    [InlineData("@trusted ssh-ed25519 AAAA")]
    public void ALineThatIsNoKeyIsAnError(string line)
    {
        Assert.False(HostKeyList.TryParse([line], out _, out var fault));
        Assert.NotEmpty(fault);
    }

    private static TrustedHostKeys Trust(params string[] lines)
    {
        Assert.True(HostKeyList.TryParse(lines, out var list, out var fault), fault);
        return new TrustedHostKeys("web1", list, TimeProvider.System);
    }

    private static string Line(Ed25519Signer key) => "ssh-ed25519 " + Convert.ToBase64String(key.PublicKey.Span) + " comment";

    private static string? Ask(TrustedHostKeys trusted, ISigner server) => trusted.FindFault(
        server.Algorithms[0], server.PublicKey.Span, server.Sign(server.Algorithms[0], "hash"u8), "hash"u8);

    private ISigner Certified(string name) =>
        new CertificateAuthority(_authority, TimeProvider.System).CertifyHost(_key, "web", [name], TimeSpan.FromHours(1));
}
