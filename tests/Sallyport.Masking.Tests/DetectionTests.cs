using System.Diagnostics;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Masking.Tests;

public sealed class DetectionTests
{
    private const Detectors All = (Detectors)127;
    private const string Jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6b2UifQ.c2lnbmF0dXJl";
    private const string Pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----";

    private static readonly TextMasker Masker = new(new byte[32]);

    [Theory]
    [InlineData(Detectors.Pan, "4111111111111111")]
    [InlineData(Detectors.Pan, "4111 1111 1111 1111")]
    [InlineData(Detectors.Pan, "4111-1111-1111-1111")]
    [InlineData(Detectors.Pan, "378282246310005")]
    [InlineData(Detectors.Pan, "3782 822463 10005")]
    [InlineData(Detectors.Pan, "5555555555554444")]
    [InlineData(Detectors.Pan, "2223003122003222")]
    [InlineData(Detectors.Pan, "6011111111111117")]
    [InlineData(Detectors.Pan, "30569309025904")]
    [InlineData(Detectors.Pan, "3530111333300000")]
    [InlineData(Detectors.Pan, "4222222222222")]
    [InlineData(Detectors.Ssn, "123-45-6789")]
    [InlineData(Detectors.Ssn, "123 45 6789")]
    [InlineData(Detectors.Iban, "DE89370400440532013000")]
    [InlineData(Detectors.Iban, "GB29 NWBK 6016 1331 9268 19")]
    [InlineData(Detectors.Iban, "no9386011117947")]
    [InlineData(Detectors.Iban, "MT84MALT011000012345MTLCAST001S")]
    [InlineData(Detectors.Jwt, Jwt)]
    [InlineData(Detectors.Jwt, "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.")]
    [InlineData(Detectors.PrivateKey, Pem)]
    [InlineData(Detectors.PrivateKey, "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----")]
    [InlineData(Detectors.AwsKey, "AKIAIOSFODNN7EXAMPLE")]
    [InlineData(Detectors.AwsKey, "ASIAIOSFODNN7EXAMPLE")]
    [InlineData(Detectors.Email, "zoe.o'neil+x@mail.example.com")]
    [InlineData(Detectors.Email, "zoë@exämple.org")]
    public void WhatIsSecretIsFoundExactlyWhereverItStands(Detectors detector, string secret)
    {
        foreach (var (before, after) in new[] { ("", ""), ("x: ", " end"), ("(", ")"), ("é ", " é"), ("{\"a\":\"", "\"}"), ("a, ", ", b") })
        {
            Assert.Equal([secret], Find(detector, before + secret + after));
            Assert.Equal([secret], Find(All, before + secret + after));
        }
    }

    [Theory]
    [InlineData(Detectors.Pan, "4111111111111112")]
    [InlineData(Detectors.Pan, "41111111111111111111")]
    [InlineData(Detectors.Pan, "0000000000000000")]
    [InlineData(Detectors.Pan, "2024-01-15 10:20:30")]
    [InlineData(Detectors.Pan, "4111  1111  1111  1111")]
    [InlineData(Detectors.Pan, "411111111111")]
    [InlineData(Detectors.Ssn, "000-12-3456")]
    [InlineData(Detectors.Ssn, "666-12-3456")]
    [InlineData(Detectors.Ssn, "900-12-3456")]
    [InlineData(Detectors.Ssn, "123-00-3456")]
    [InlineData(Detectors.Ssn, "123-45-0000")]
    [InlineData(Detectors.Ssn, "123-45 6789")]
    [InlineData(Detectors.Ssn, "123-45-67890")]
    [InlineData(Detectors.Ssn, "123-45-6789-01")]
    [InlineData(Detectors.Iban, "DE88370400440532013000")]
    [InlineData(Detectors.Iban, "DE8937040044053201300")]
    [InlineData(Detectors.Iban, "XX89370400440532013000")]
    [InlineData(Detectors.Jwt, "eyJhbGciOiJIUzI1NiJ9")]
    [InlineData(Detectors.Jwt, "heyJude.and.more")]
    [InlineData(Detectors.PrivateKey, "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----")]
    [InlineData(Detectors.PrivateKey, "-----BEGIN PUBLIC KEY-----")]
    [InlineData(Detectors.AwsKey, "AKIAIOSFODNN7EXAMPLEX")]
    [InlineData(Detectors.AwsKey, "AKIA1OSFODNN7EXAMPLE")]
    [InlineData(Detectors.Email, "@example.com")]
    [InlineData(Detectors.Email, "a@b")]
    [InlineData(Detectors.Email, "a@ b.com")]
    public void WhatOnlyLooksLikeItIsLeftAlone(Detectors detector, string text) => Assert.Empty(Find(detector, text));

    [Fact]
    public void ThingsBesideEachOtherAreAllFound() => Assert.Equal(
        ["12 4111 1111 1111 1111"[3..], "zoe@example.com", "123-45-6789", Jwt],
        Find(All, "12 4111 1111 1111 1111 zoe@example.com 123-45-6789 " + Jwt));

    [Fact]
    public void OnlyTheAskedDetectorsLook() => Assert.Empty(Find(Detectors.Pan | Detectors.Jwt, "zoe@example.com 123-45-6789"));

    [Fact]
    public void APrivateKeyCutBeforeItsEndIsTakenWhole()
    {
        var cut = Pem[..50] + "é" + new string('A', 30_000);
        var found = Find(Detectors.PrivateKey, cut);
        Assert.Single(found);
        Assert.InRange(Encoding.UTF8.GetByteCount(found[0]), Masker.LongestDetected - 3, Masker.LongestDetected);
    }

    [Theory]
    [InlineData("eyJ")]
    [InlineData("eyJaaaaaaaa.")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN ")]
    [InlineData("a@")]
    [InlineData("a@a.a")]
    [InlineData("1")]
    [InlineData("411 ")]
    [InlineData("4111-1111-")]
    [InlineData("DE89 ")]
    [InlineData("AKIAIOSFODNN7EXAMPLEeyJ")]
    [InlineData("AKIAIOSFODNN7EXAMPLE eyJ")]
    [InlineData("\\")]
    public void HostileTextCostsLinearTime(string pattern)
    {
        var small = Cost(pattern, 100_000);
        var large = Cost(pattern, 1_600_000);
        // Sixteen times the text; a quadratic scan would take 256 times as long.
        Assert.True(large < (small + TimeSpan.FromMilliseconds(20)) * 100, $"{small} became {large}");
    }

    [Fact]
    public void EveryCutOfUtf8TextIsFoundOnCharacterBoundaries()
    {
        var text = Encoding.UTF8.GetBytes("ö4111111111111111é " + new string('ß', 70) + "@exämple.org 😀zoe@x.de😀");
        for (var start = 0; start < text.Length; start++)
        {
            for (var at = start; Masker.TryDetect(All, text, at, out var found);)
            {
                var (offset, length) = found.GetOffsetAndLength(text.Length);
                Assert.True(offset >= at && length > 0);
                Assert.True(offset == at || (text[offset] & 0xC0) != 0x80);
                at = offset + length;
                Assert.True(at == text.Length || (text[at] & 0xC0) != 0x80);
            }
        }
    }

    [Fact]
    public void RandomBytesNeverThrowAndAlwaysAdvance()
    {
        var random = new Random(7);
        var alphabet = "0123456789@. -eyJAKIBEGN\\\"DEab\u00c3"u8.ToArray();
        var text = new byte[300];
        for (var round = 0; round < 20_000; round++)
        {
            for (var i = 0; i < text.Length; i++) text[i] = alphabet[random.Next(alphabet.Length)];
            for (var at = 0; Masker.TryDetect(All, text, at, out var found);)
            {
                var (offset, length) = found.GetOffsetAndLength(text.Length);
                Assert.True(offset >= at && length > 0 && length <= Masker.LongestDetected);
                at = offset + length;
            }
        }
    }

    private static TimeSpan Cost(string pattern, int size)
    {
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(pattern, (size / pattern.Length) + 1)));
        var clock = Stopwatch.StartNew();
        for (var at = 0; Masker.TryDetect(All, text, at, out var found);) at = found.End.GetOffset(text.Length);
        return clock.Elapsed;
    }

    private static List<string> Find(Detectors detectors, string value)
    {
        var text = Encoding.UTF8.GetBytes(value);
        var all = new List<string>();
        for (var at = 0; Masker.TryDetect(detectors, text, at, out var found); at = found.End.GetOffset(text.Length))
        {
            all.Add(Encoding.UTF8.GetString(text[found]));
        }

        return all;
    }
}
