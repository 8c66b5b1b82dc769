using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using Sallyport.Ssh.Transport.Ciphers;

namespace Sallyport.Ssh.Tests.Transport.Ciphers;

public sealed class AesCtrTests
{
    /// <summary>NIST SP 800-38A F.5.1 and F.5.5.</summary>
    [Theory]
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c",
        "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee")]
    [InlineData("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6")]
    public void VectorsOfSP80038A(string key, string expected)
    {
        var text = Convert.FromHexString(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
            "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        using var ctr = new AesCtr(Convert.FromHexString(key), Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"));
        ctr.Xor(text);
        Assert.Equal(expected, Convert.ToHexStringLower(text));
    }

    [Fact]
    public void TheSameAsBouncyCastleInPiecesOfAnyLengthOverACounterThatWraps()
    {
        var key = RandomNumberGenerator.GetBytes(16);
        var iv = Enumerable.Repeat((byte)0xff, 16).ToArray();
        var text = RandomNumberGenerator.GetBytes(200_000);
        var expected = new byte[text.Length];
        var other = new SicBlockCipher(new AesEngine());
        other.Init(true, new ParametersWithIV(new KeyParameter(key), iv));
        for (var i = 0; i < text.Length; i += 16)
            other.ProcessBlock(text, i, expected, i);

        using var ctr = new AesCtr(key, iv);
        var pieces = new Random(1);
        for (var i = 0; i < text.Length;)
        {
            var length = Math.Min(text.Length - i, pieces.Next(1, 9000));
            ctr.Xor(text.AsSpan(i, length));
            i += length;
        }
        Assert.Equal(expected, text);
    }
}
