using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;
using Sallyport.Ssh.Transport.Ciphers;

namespace Sallyport.Ssh.Tests.Transport.Ciphers;

public sealed class ChaChaPolyTests
{
    /// <summary>draft-agl-tls-chacha20poly1305-04 §7: 64-bit nonce and counter.</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0UL,
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", 0UL,
        "4540f05a9f1fb296d7736e7b208e3c96eb4fe1834688d2604f450952ed432d41bbe2a0b6ea7566d2a5d1e7e20d42af2c53d792b1c43fea817e9ad275ae546963")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 1UL,
        "de9cba7bf3d69ef5e786dc63973f653a0b49e015adbff7134fcb7df137821031e85a050278a7084527214f73efc7fa5b5277062eb7a0433e445f41e3")]
    public void KeyStreamsOfTheDraft(string key, ulong nonce, string stream)
    {
        var expected = Convert.FromHexString(stream);
        var text = new byte[expected.Length];
        ChaCha20.Xor(Convert.FromHexString(key), nonce, 0, text);
        Assert.Equal(expected, text);
    }

    [Fact]
    public void TheTagOfRFC8439()
    {
        var key = Convert.FromHexString("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
        var tag = new byte[16];
        Poly1305.Compute(key, "Cryptographic Forum Research Group"u8, tag);
        Assert.Equal("A8061DC1305136C6C22B8BAF0C0127A9", Convert.ToHexString(tag));
    }

    /// <summary>RFC 8439 appendix A.3, vectors 7 to 11: sums that wrap around the prime.</summary>
    [Theory]
    [InlineData("02000000000000000000000000000000" + "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff",
        "03000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000" + "ffffffffffffffffffffffffffffffff", "02000000000000000000000000000000",
        "03000000000000000000000000000000")]
    [InlineData("01000000000000000000000000000000" + "00000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000",
            "05000000000000000000000000000000")]
    [InlineData("01000000000000000000000000000000" + "00000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101",
            "00000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000" + "00000000000000000000000000000000", "fdffffffffffffffffffffffffffffff",
        "faffffffffffffffffffffffffffffff")]
    public void TagsAtTheEdgeOfThePrime(string key, string text, string expected)
    {
        var tag = new byte[16];
        Poly1305.Compute(Convert.FromHexString(key), Convert.FromHexString(text), tag);
        Assert.Equal(expected, Convert.ToHexStringLower(tag));
    }

    [Fact]
    public void TheSameAsBouncyCastleAtEveryLengthUpToFourStridesAndAtLongOnes()
    {
        foreach (var length in Enumerable.Range(0, 1025).Concat([4095, 4096, 32_767, 32_768, 35_000, 262_144]))
        {
            var (key, text) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(length));
            var nonce = (ulong)length << 20 | 7;
            var nonceBytes = new byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(nonceBytes, nonce);
            var engine = new ChaChaEngine();
            engine.Init(true, new ParametersWithIV(new KeyParameter(key), nonceBytes));
            engine.ProcessBytes(new byte[64], 0, 64, new byte[64], 0);
            var expected = new byte[length];
            engine.ProcessBytes(text, 0, length, expected, 0);
            var tag = new byte[16];
            Poly1305.Compute(key, text, tag);
            var mac = new Org.BouncyCastle.Crypto.Macs.Poly1305();
            mac.Init(new KeyParameter(key));
            mac.BlockUpdate(text, 0, length);
            var expectedTag = new byte[16];
            mac.DoFinal(expectedTag, 0);

            ChaCha20.Xor(key, nonce, 1, text);
            Assert.True(expected.AsSpan().SequenceEqual(text), $"key stream at {length}");
            Assert.True(expectedTag.AsSpan().SequenceEqual(tag), $"tag at {length}");
        }
    }
}
