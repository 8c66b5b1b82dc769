using System.Security.Cryptography;
using System.Text;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Tests.Support;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Keys;

public sealed class PublicKeyTests : IDisposable
{
    private readonly KeyFolder _folder = new();

    public static TheoryData<string, string, string[]> Kinds => new()
    {
        { "ssh-ed25519", "ssh-ed25519", ["-t", "ed25519"] },
        { "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", ["-t", "ecdsa", "-b", "256"] },
        { "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", ["-t", "ecdsa", "-b", "384"] },
        { "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", ["-t", "ecdsa", "-b", "521"] },
        { "ssh-rsa", "rsa-sha2-512", ["-t", "rsa", "-b", "2048"] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AKeyOfSshKeygenIsReadAndItsSignatureVerified(string type, string algorithm, string[] options)
    {
        await _folder.GenerateAsync("key", options);
        Assert.True(PublicKey.TryParseLine(_folder.PublicLine("key"), out var key, out _));
        Assert.Equal(type, key.Type);
        Assert.Contains(key.Fingerprint, await KeyFolder.KeygenAsync(["-l", "-f", _folder["key.pub"]]), StringComparison.Ordinal);

        var message = "the message"u8.ToArray();
        await File.WriteAllBytesAsync(_folder["message"], message);
        await KeyFolder.KeygenAsync(["-q", "-Y", "sign", "-f", _folder["key"], "-n", "test", _folder["message"]]);
        var signature = SshSignature.Unwrap(await File.ReadAllTextAsync(_folder["message.sig"]));
        var signed = SshSignature.SignedData(message);
        Assert.True(key.Verify(algorithm, signature, signed));

        Assert.False(key.Verify(algorithm, signature, [.. signed, 0]));
        Assert.False(key.Verify(algorithm, [.. signature, 0], signed));
        Assert.False(key.Verify(algorithm, signature, signed, needsUserVerification: true));
        for (var i = 0; i < signature.Length; i++)
        {
            var changed = (byte[])signature.Clone();
            changed[i] ^= 1;
            Assert.False(key.Verify(algorithm, changed, signed), $"byte {i}");
            Assert.False(key.Verify(algorithm, signature.AsSpan(0, i), signed), $"cut at {i}");
        }
    }

    [Fact]
    public async Task Threat40_ASignatureOfAnotherAlgorithmThanWasSaidIsRefused()
    {
        await _folder.GenerateAsync("key", "-t", "rsa", "-b", "2048");
        var pem = await KeyFolder.KeygenAsync(["-e", "-m", "PKCS8", "-f", _folder["key.pub"]]);
        Assert.StartsWith("-----BEGIN PUBLIC KEY", pem, StringComparison.Ordinal);
        Assert.True(PublicKey.TryParse(_folder.PublicBlob("key"), out var key, out _));
        await KeyFolder.KeygenAsync(["-q", "-p", "-m", "PEM", "-N", "", "-f", _folder["key"]]);
        using var rsa = RSA.Create();
        rsa.ImportFromPem(await File.ReadAllTextAsync(_folder["key"]));
        byte[] Sign(string name, HashAlgorithmName hash) => new SshWriter().String(name)
            .String(rsa.SignData("data"u8.ToArray(), hash, RSASignaturePadding.Pkcs1)).WrittenMemory.ToArray();

        Assert.True(key.Verify("rsa-sha2-256", Sign("rsa-sha2-256", HashAlgorithmName.SHA256), "data"u8));
        Assert.True(key.Verify("rsa-sha2-512", Sign("rsa-sha2-512", HashAlgorithmName.SHA512), "data"u8));
        Assert.False(key.Verify("rsa-sha2-512", Sign("rsa-sha2-256", HashAlgorithmName.SHA256), "data"u8));
        Assert.False(key.Verify("rsa-sha2-512", Sign("rsa-sha2-512", HashAlgorithmName.SHA256), "data"u8));
        Assert.False(key.Verify("rsa-sha2-512", Sign("ssh-rsa", HashAlgorithmName.SHA1), "data"u8));
        Assert.False(key.Verify("ssh-rsa", Sign("ssh-rsa", HashAlgorithmName.SHA1), "data"u8));
        Assert.False(key.Verify("ssh-ed25519", Sign("ssh-ed25519", HashAlgorithmName.SHA512), "data"u8));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASecurityKeyMustHaveBeenTouched(bool isEcdsa)
    {
        using var token = new SoftwareToken(isEcdsa);
        Assert.True(PublicKey.TryParse(token.Blob, out var key, out _));
        var message = "the message"u8.ToArray();
        var data = SshSignature.SignedData(message);
        // The oracle: OpenSSH takes what this token makes.
        Assert.True(await SshSignature.IsTakenAsync(_folder, token.Blob, token.Type, token.Sign(data, 1), message));

        Assert.True(key.Verify(token.Type, token.Sign(data, 1), data));
        Assert.False(key.Verify(token.Type, token.Sign(data, 0), data));
        Assert.False(key.Verify(token.Type, token.Sign(data, 4), data));
        Assert.False(key.Verify(token.Type, token.Sign(data, 1), data, needsUserVerification: true));
        Assert.True(key.Verify(token.Type, token.Sign(data, 5), data, needsUserVerification: true));
        var signature = token.Sign(data, 1);
        signature[^1] ^= 1;
        Assert.False(key.Verify(token.Type, signature, data));
        Assert.False(key.Verify(token.Type, signature.AsSpan(0, signature.Length - 5), data));
        Assert.False(key.Verify(isEcdsa ? "ecdsa-sha2-nistp256" : "ssh-ed25519", token.Sign(data, 1), data));
    }

    [Fact]
    public void AKeyThatAWebSiteMadeTheTokenKeepIsNoKeyForSsh()
    {
        using var token = new SoftwareToken(false, "https://phish.example");
        Assert.False(PublicKey.TryParse(token.Blob, out _, out _));
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(16384)]
    public void Threat44_AnRsaKeyOfAbsurdSizeIsRefused(int bits)
    {
        var modulus = new byte[bits / 8];
        modulus.AsSpan().Fill(0xFF);
        AssertRefused(new SshWriter().String("ssh-rsa").MPInt([1, 0, 1]).MPInt(modulus));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("01")]
    [InlineData("02")]
    [InlineData("010000")]
    [InlineData("0100000001")]
    public void Threat44_AnRsaKeyWithAnAbsurdExponentIsRefused(string exponent)
    {
        var modulus = new byte[256];
        modulus.AsSpan().Fill(0xFF);
        AssertRefused(new SshWriter().String("ssh-rsa").MPInt(Convert.FromHexString(exponent)).MPInt(modulus));
    }

    [Fact]
    public void APointOffTheCurveIsRefused()
    {
        var point = new byte[65];
        point[0] = 4;
        point[64] = 1;
        AssertRefused(new SshWriter().String("ecdsa-sha2-nistp256").String("nistp256").String(point));
        AssertRefused(new SshWriter().String("ssh-ed25519").String(new byte[32]));
        byte[] identity = [1, .. new byte[31]];
        AssertRefused(new SshWriter().String("ssh-ed25519").String(identity));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 !!!!")]
    [InlineData("ssh-ed25519 AAAA")]
    [InlineData("ssh-dss AAAAB3NzaC1kc3MAAACB")]
    [InlineData("from=\"10.0.0.0/8\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5GzkGQF0G0j+QqTqvMkJW4tCY3vHkYw0bhlBTfGEPD")]
    [InlineData("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIE5GzkGQF0G0j+QqTqvMkJW4tCY3vHkYw0bhlBTfGEPD")]
    public void ALineThatIsNoKeySaysWhy(string line)
    {
        Assert.False(PublicKey.TryParseLine(line, out var key, out var fault));
        Assert.Null(key);
        Assert.NotEmpty(fault);
    }

    [Fact]
    public async Task NoCutOrChangedKeyMakesTheReaderThrow()
    {
        await _folder.GenerateAsync("key", "-t", "ecdsa");
        var blob = _folder.PublicBlob("key");
        for (var i = 0; i < blob.Length; i++)
        {
            Assert.False(PublicKey.TryParse(blob.AsSpan(0, i), out _, out _));
            var changed = (byte[])blob.Clone();
            changed[i] ^= 0x80;
            Assert.Equal(PublicKey.TryParse(changed, out var key, out _), key is not null);
        }
        Assert.False(PublicKey.TryParse([.. blob, 0], out _, out _));
    }

    private static void AssertRefused(SshWriter blob)
    {
        Assert.False(PublicKey.TryParse(blob.Written, out var key, out var fault));
        Assert.Null(key);
        Assert.NotEmpty(fault);
    }
}
