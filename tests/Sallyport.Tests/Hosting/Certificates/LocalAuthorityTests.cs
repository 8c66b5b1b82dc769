using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Hosting;
using Sallyport.Hosting.Certificates;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Hosting.Certificates;

public sealed class LocalAuthorityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void TheCertificateIsGoodForThisMachineAndTrustedByItsOwnAuthority(string name)
    {
        var made = Make();
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(made.TrustFile);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(made.Certificate));
        Assert.True(made.Certificate.MatchesHostname(name));
        Assert.Equal(256, made.Certificate.GetECDsaPrivateKey()!.KeySize);
    }

    [Fact]
    public void KeysAreForTheOwnerAlone()
    {
        Make();
        foreach (var key in new[] { "ca.key", "server.key" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["tls/" + key]));
    }

    [Fact]
    public void ASecondStartFindsTheSameCertificate() => Assert.Equal(Make().Certificate.Thumbprint, Make().Certificate.Thumbprint);

    [Fact]
    public void ACertificateIsRenewedBeforeItEndsAndTheAuthorityStays()
    {
        var before = Make();
        var authority = File.ReadAllText(before.TrustFile);
        _time.Advance(TimeSpan.FromDays(61));
        var after = Make();
        Assert.NotEqual(before.Certificate.Thumbprint, after.Certificate.Thumbprint);
        Assert.Equal(authority, File.ReadAllText(after.TrustFile));
    }

    [Fact]
    public void AServerCertificateOfAnotherAuthorityIsReplaced()
    {
        var before = Make();
        File.Delete(_folder["tls/ca.key"]);
        Assert.NotEqual(before.Certificate.Thumbprint, Make().Certificate.Thumbprint);
    }

    [Fact]
    public void ABrokenKeyIsOneClearFailure()
    {
        Make();
        File.WriteAllText(_folder["tls/server.key"], "broken");
        var failure = Assert.Throws<StartFailure>(Make);
        Assert.Equal(StartFault.CannotUseFiles, failure.Fault);
    }

    public void Dispose() => _folder.Dispose();

    private SslCertificate Make() => LocalAuthority.LoadOrCreate(_folder["tls"], _time);
}
