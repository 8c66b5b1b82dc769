using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Hosts;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Tests.Support;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Keys;

public sealed class SignerTests : IDisposable
{
    private readonly KeyFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ed25519", "OPENSSH", null)]
    [InlineData("ed25519", "OPENSSH", "open sesame")]
    [InlineData("ecdsa", "OPENSSH", null)]
    [InlineData("ecdsa", "PEM", "open sesame")]
    [InlineData("ecdsa", "PKCS8", null)]
    [InlineData("rsa", "OPENSSH", "open sesame")]
    [InlineData("rsa", "PEM", null)]
    [InlineData("rsa", "PKCS8", "open sesame")]
    public async Task APrivateKeyOfSshKeygenSigns(string type, string format, string? passphrase)
    {
        string[] options = ["-t", type, "-N", passphrase ?? "", .. format == "OPENSSH" ? (string[])[] : ["-m", format]];
        await _folder.GenerateAsync("key", options);
        using var signer = PrivateKeySigner.Load(_folder.PrivateText("key"), passphrase);
        AssertSigns(signer, _folder.PublicBlob("key"));
        if (passphrase is not null)
        {
            Assert.Throws<PrivateKeyException>(() => PrivateKeySigner.Load(_folder.PrivateText("key")));
            Assert.Throws<PrivateKeyException>(() => PrivateKeySigner.Load(_folder.PrivateText("key"), "wrong"));
        }
    }

    [Theory]
    [InlineData("ed25519", null)]
    [InlineData("rsa", null)]
    [InlineData("ecdsa", "open sesame")]
    public async Task APrivateKeyOfPuttySigns(string type, string? passphrase)
    {
        await _folder.GenerateAsync("key", "-t", type);
        await File.WriteAllTextAsync(_folder["pass"], passphrase ?? "");
        (await Command.RunAsync("puttygen", [_folder["key"], "-O", "private", "-o", _folder["key.ppk"], "--new-passphrase", _folder["pass"]]))
            .OrThrow("puttygen");
        using var signer = PrivateKeySigner.Load(await File.ReadAllBytesAsync(_folder["key.ppk"]), passphrase);
        AssertSigns(signer, _folder.PublicBlob("key"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")]
    public void TextThatIsNoKeyIsAnErrorThatRepeatsNothingOfIt(string text)
    {
        var error = Assert.Throws<PrivateKeyException>(() => PrivateKeySigner.Load(System.Text.Encoding.ASCII.GetBytes(text)));
        Assert.DoesNotContain("AAAA", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostKeysAreMadeOnceAndReadBySshKeygen()
    {
        var folder = _folder["ssh"];
        var first = HostKeyFiles.LoadOrCreate(folder, "gateway");
        var second = HostKeyFiles.LoadOrCreate(folder, "gateway");
        Assert.Equal(["ssh-ed25519", "ecdsa-sha2-nistp256"], first.SelectMany(static k => k.Algorithms));
        Assert.Equal(first.Select(static k => Convert.ToBase64String(k.PublicKey.Span)), second.Select(static k => Convert.ToBase64String(k.PublicKey.Span)));
        foreach (var (name, signer) in ((string[])["ssh_host_ed25519_key", "ssh_host_ecdsa_key"]).Zip(first))
        {
            var path = Path.Combine(folder, name);
            AssertSigns(signer, signer.PublicKey.ToArray());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            var read = await KeyFolder.KeygenAsync(["-y", "-f", path]);
            Assert.StartsWith((await File.ReadAllTextAsync(path + ".pub")).Trim(), read.Trim(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AHostKeyFileThatIsBrokenIsNotReplaced()
    {
        HostKeyFiles.LoadOrCreate(_folder["ssh"], "gateway");
        var path = Path.Combine(_folder["ssh"], "ssh_host_ecdsa_key");
        File.WriteAllText(path, "broken");
        Assert.Contains(path, Assert.Throws<PrivateKeyException>(() => HostKeyFiles.LoadOrCreate(_folder["ssh"], "gateway")).Message,
            StringComparison.Ordinal);
        Assert.Equal("broken", File.ReadAllText(path));
    }

    [Fact]
    public async Task ACertificateIsShownInPlaceOfItsKeyOnly()
    {
        await _folder.GenerateAsync("ca", "-t", "ed25519");
        await _folder.GenerateAsync("key", "-t", "rsa", "-b", "2048");
        await _folder.GenerateAsync("other", "-t", "ed25519");
        Assert.True(Certificate.TryParse(await _folder.CertifyAsync("ca", "key", "-n", "deploy"), out var certificate, out _));
        using var key = PrivateKeySigner.Load(_folder.PrivateText("key"));
        var signer = new CertifiedSigner(key, certificate);
        Assert.Equal(["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"], signer.Algorithms);
        Assert.True(certificate.Key.Verify("rsa-sha2-256", signer.Sign(signer.Algorithms[1], "x"u8), "x"u8));
        using var other = PrivateKeySigner.Load(_folder.PrivateText("other"));
        Assert.Throws<ArgumentException>(() => new CertifiedSigner(other, certificate));
    }

    private static void AssertSigns(PrivateKeySigner signer, byte[] blob)
    {
        Assert.Equal(blob, signer.PublicKey.ToArray());
        Assert.True(PublicKey.TryParse(blob, out var key, out _));
        Assert.Equal(KeyAlgorithm.OfBlob(key.Type), signer.Algorithms);
        foreach (var algorithm in signer.Algorithms)
            Assert.True(key.Verify(algorithm, signer.Sign(algorithm, "data"u8), "data"u8), algorithm);
        Assert.Throws<ArgumentException>(() => signer.Sign("ssh-rsa", "data"u8));
    }
}
