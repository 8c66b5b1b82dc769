using System.Buffers;
using System.Text;
using Sallyport.Core;
using Sallyport.Masking.Streams;

namespace Sallyport.Masking.Tests.Streams;

public sealed class StreamMaskerTests
{
    private const Detectors All = Detectors.Pan | Detectors.Ssn | Detectors.Iban | Detectors.Jwt | Detectors.PrivateKey | Detectors.AwsKey | Detectors.Email;
    private static readonly byte[] LongSecret = "ghx_0123456789abcdefghij"u8.ToArray();
    private static readonly byte[] VeryLongSecret = Encoding.ASCII.GetBytes("vls!" + string.Concat(Enumerable.Range(0, 120).Select(static i => $"{i:x3}")));
    private static readonly byte[] BriefSecret = "hunter2"u8.ToArray();
    private static readonly StreamMaskPlan Plan = new(All, LongSecret, VeryLongSecret, BriefSecret);

    private const string Key = """
        -----BEGIN OPENSSH PRIVATE KEY-----
        b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ==
        QyNTUxOQAAACB+/x
        -----END OPENSSH PRIVATE KEY-----
        """;

    private static string Mask(string text, StreamMaskPlan? plan = null) => Run((plan ?? Plan).Create(), [Encoding.UTF8.GetBytes(text)]);

    private static string Run(IStreamMasker masker, IEnumerable<byte[]> chunks)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var chunk in chunks)
            masker.Write(chunk, output);
        masker.Release(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [Theory]
    [InlineData("id AKIAIOSFODNN7EXAMPLE.", "id AKIA****************.")]
    [InlineData("XAKIAIOSFODNN7EXAMPLE", "XAKIAIOSFODNN7EXAMPLE")]
    [InlineData("ASIA PACIFIC", "ASIA PACIFIC")]
    [InlineData("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.sig_x-y z", "t=eyJ********************************** z")]
    [InlineData("keyJoy", "keyJoy")]
    [InlineData("\\neyJhbGci", "\\neyJ*****")]
    [InlineData("card 4111111111111111 ok", "card 411111********** ok")]
    [InlineData("4111 1111 1111 1111", "4111 11** **** ****")]
    [InlineData("4111-1111-1111-1111", "4111-11**-****-****")]
    [InlineData("2026 4111 1111 1111 1111", "2026 4111 11** **** ****")]
    [InlineData("at 1700000000123 ms", "at 1700000000123 ms")]
    [InlineData("commit 9f4111111114e12c0b78", "commit 9f4111111114e12c0b78")]
    [InlineData("9f4111111 4111111111111111", "9f4111111 411111**********")]
    [InlineData("pan41111111 cafe4111111", "pan411111** cafe411111*")]
    [InlineData("41 11 11 11", "41 11 11 11")]
    [InlineData("ssn 123-45-6789.", "ssn 123-**-****.")]
    [InlineData("ssn 123 45 6789.", "ssn 123 45 ****.")]
    [InlineData("ssn 666-45-6789.", "ssn 666-45-6789.")]
    [InlineData("2026-11-28 16:54:25", "2026-11-28 16:54:25")]
    [InlineData("IBAN DE89370400440532013000 x", "IBAN DE893704************** x")]
    [InlineData("DE89 3704 0044 0532 0130 00", "DE89 3704 **** **** **** **")]
    [InlineData("node12345678901", "node12345678901")]
    [InlineData("to ana@example.com, bob", "to ana@***********, bob")]
    [InlineData("token ghx_0123456789abcdefghij!", "token ghx_********************!")]
    [InlineData("ghx_0123456789abXdef", "ghx_************Xdef")]
    [InlineData("my hunter2!", "my *******!")]
    [InlineData("hunthunter2 hunte", "hunt******* hunte")]
    public void WhatFollowsATriggerIsMasked(string text, string expected) => Assert.Equal(expected, Mask(text));

    [Fact]
    public void ASecretThatIsLongerThanTheAutomatonIsMaskedToItsEnd()
    {
        var secret = Encoding.ASCII.GetString(VeryLongSecret);
        Assert.Equal($"a vls!{new string('*', secret.Length - 4)} b", Mask($"a {secret} b"));
    }

    [Fact]
    public void Threat48_APrivateKeyIsMaskedOverItsLines()
    {
        var expected = string.Join('\n', Key.Split('\n').Select(static line => line[0] == '-' ? line : new string('*', line.Length)));
        Assert.Equal($"{expected}\nnext $ ", Mask($"{Key}\nnext $ "));
        Assert.Equal(expected.Replace("\n", "\r\n", StringComparison.Ordinal), Mask(Key.Replace("\n", "\r\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void APublicKeyIsNotMasked()
    {
        const string Public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";
        Assert.Equal(Public, Mask(Public));
    }

    [Fact]
    public void AKeyThatWasCutEndsWhereTheNextPromptBegins() =>
        Assert.Equal("-----BEGIN PRIVATE KEY-----\n****\n***$ ls", Mask("-----BEGIN PRIVATE KEY-----\nMCow\nana$ ls"));

    [Theory]
    [InlineData("A\u001b[1mKIA\u001b[0mIOSF\u001b[31mODNN7EXAMPLE", "A\u001b[1mKIA\u001b[0m****\u001b[31m************")]
    [InlineData("4\u001b[K111 1\u001b]0;t\u0007111 1111 1111", "4\u001b[K111 1\u001b]0;t\u00071** **** ****")]
    [InlineData("D\u001b[1mE89370400440532013000", "D\u001b[1mE893704**************")]
    [InlineData("hun\u001b[1mter2", "***\u001b[1m****")]
    [InlineData("AK\0IAIOSF", "AK\0IA****")]
    [InlineData("\u001b]0;AKIAIOSF\u0007", "\u001b]0;AKIA****\u0007")]
    [InlineData("\u001bP4111111111111111\u001b\\x", "\u001bP411111**********\u001b\\x")]
    [InlineData("AKIAIO \rSF", "AKIA** \r**")]
    public void CodesWithinASecretAreSkipped(string text, string expected) => Assert.Equal(expected, Mask(text));

    [Theory]
    [InlineData("AKIA\u001b[5CIOSF")]
    [InlineData("AKIA\rIOSF")]
    [InlineData("4111111\u001b[H111111", "411111*\u001b[H111111")]
    [InlineData("hunt\u001b[2Der2")]
    public void WhatMovesTheCursorEndsIt(string text, string? expected = null) => Assert.Equal(expected ?? text, Mask(text));

    [Fact]
    public void ThisIsTheSameHoweverItIsCut()
    {
        var random = new Random(20_000);
        for (var i = 0; i < 20_000; i++)
        {
            var text = RandomText(random);
            var whole = Run(Plan.Create(), [text]);
            Assert.Equal(whole, Run(Plan.Create(), Cut(text, random)));
            if (i % 20 == 0)
                Assert.Equal(whole, Run(Plan.Create(), text.Select(static b => new[] { b })));
            Assert.Equal(text.Length, Encoding.UTF8.GetByteCount(whole));
        }
    }

    [Fact]
    public void AnEchoIsNotMaskedAndOutputIs()
    {
        var masker = Plan.Create();
        var shown = new StringBuilder();
        foreach (var key in "AKIAIOSF"u8.ToArray())
        {
            masker.Credit([key]);
            shown.Append(Run(masker, [[key]]));
        }
        Assert.Equal("AKIAIOSF", shown.ToString());
        Assert.Equal("\r\nAKIA****", Run(masker, ["\r\nAKIAIOSF"u8.ToArray()]));
    }

    [Fact]
    public void Threat48_WhatIsTypedBesideOutputDoesNotUncoverIt()
    {
        var masker = Plan.Create();
        Assert.Equal("AKIA**", Run(masker, ["AKIAIO"u8.ToArray()]));
        masker.Credit("SFODNN"u8);
        Assert.Equal("******", Run(masker, ["SFODNN"u8.ToArray()]));
    }

    [Fact]
    public void AnEchoIsNeverHeldBack()
    {
        var masker = Plan.Create();
        var output = new ArrayBufferWriter<byte>();
        masker.Credit("hun"u8);
        masker.Write("hun"u8, output);
        Assert.Equal("hun", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.False(masker.IsHolding);
    }

    [Fact]
    public void WhatWasReleasedIsShownAndTheRestIsMasked()
    {
        var masker = Plan.Create();
        Assert.Equal("hunt", Run(masker, ["hunt"u8.ToArray()]));
        Assert.Equal("***", Run(masker, ["er2"u8.ToArray()]));
    }

    [Theory]
    [InlineData("4111 1111 1111 1111 ", Detectors.Pan)]
    [InlineData("4111 1111 1111 1112 ", Detectors.None)]
    [InlineData("AKIAIOSFODNN7EXAMPLE", Detectors.AwsKey)]
    [InlineData("AKIAIOSF", Detectors.None)]
    [InlineData("123-45-6789", Detectors.Ssn)]
    [InlineData("DE89370400440532013000", Detectors.Iban)]
    [InlineData("ana@example.com", Detectors.Email)]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", Detectors.Jwt)]
    [InlineData(Key, Detectors.PrivateKey)]
    public void TheRecordLearnsWhatWasSurelySeen(string text, Detectors found)
    {
        var masker = Plan.Create();
        var shown = Run(masker, [Encoding.UTF8.GetBytes(text)]);
        Assert.Equal(found, masker.Found);
        Assert.Equal(shown.Count(static c => c == '*'), masker.MaskedBytes);
    }

    [Fact]
    public void NothingIsAllocatedPerChunk()
    {
        var masker = Plan.Create();
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var chunk = Encoding.UTF8.GetBytes($"a line 4111 1111 1111 1111 \u001b[1mAKIAIOSFODNN7EXAMPLE hunter2 {Key}\n");
        masker.Write(chunk, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            output.ResetWrittenCount();
            masker.Write(chunk, output);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static IEnumerable<byte[]> Cut(byte[] text, Random random)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(text.Length - at, random.Next(1, 40));
            yield return text[at..(at + length)];
            at += length;
        }
    }

    private static byte[] RandomText(Random random)
    {
        string[] parts =
        [
            "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJz", "4111111111111111", "4111 1111 1111 1111", "123-45-6789", "123 45 6789",
            "DE89370400440532013000", "DE89 3704 0044 0532", "ana@example.com", "hunter2", "hunt", "ghx_0123456789abcdefghij", Key, "-----BEGIN ", "-----",
            "\u001b[31m", "\u001b[2J", "\u001b]0;title\u0007", "\u001b", "\r", "\n", " ", " \r", "\0", "2026-11-28 16:54:25 INFO ", "x", "1", "12", "eyeJ", "AAKI", "é",
        ];
        var text = new StringBuilder();
        for (var i = random.Next(1, 7); i > 0; i--)
        {
            var part = parts[random.Next(parts.Length)];
            // Parts of parts, and codes in the middle of them.
            var from = random.Next(4) == 0 ? random.Next(part.Length) : 0;
            part = part[from..];
            if (random.Next(4) == 0)
                part = part.Insert(random.Next(part.Length + 1), parts[random.Next(15, 24)]);
            text.Append(part);
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
