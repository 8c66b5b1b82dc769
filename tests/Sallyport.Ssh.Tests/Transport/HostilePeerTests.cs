using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport;

public sealed class HostilePeerTests
{
    private static readonly byte[] Ignore = [(byte)MessageNumber.Ignore, 0, 0, 0, 0];

    /// <summary>What may not come during the first key exchange: transport messages under the strict one, all others ever.</summary>
    public static TheoryData<SshRole, byte, byte[]> Intrusions
    {
        get
        {
            byte[][] messages =
            [
                Ignore, [(byte)MessageNumber.Debug, 0, 0, 0, 0, 0, 0, 0, 0, 0], [(byte)MessageNumber.Unimplemented, 0, 0, 0, 0],
                [(byte)MessageNumber.ExtInfo, 0, 0, 0, 0], [(byte)MessageNumber.UserAuthRequest], [(byte)MessageNumber.UserAuthSuccess],
                [(byte)MessageNumber.ServiceRequest], [(byte)MessageNumber.ChannelOpen], [(byte)MessageNumber.GlobalRequest], [0],
                    [192], [22],
            ];
            var all = new TheoryData<SshRole, byte, byte[]>();
            foreach (var role in (SshRole[])[SshRole.Client, SshRole.Server])
            {
                foreach (var before in (MessageNumber[])
                    [MessageNumber.KexInit, role == SshRole.Client ? MessageNumber.KexInitial : MessageNumber.KexReply,
                        MessageNumber.NewKeys])
                {
                    foreach (var message in messages)
                        all.Add(role, (byte)before, message);
                }
            }
            return all;
        }
    }

    /// <summary>THREATS 39 (CVE-2023-48795), 42 (CVE-2025-32433), CVE-2023-46445 and CVE-2023-46446.</summary>
    [Theory]
    [MemberData(nameof(Intrusions))]
    public async Task Threats39AMessageSlippedIntoTheFirstKeyExchangeEndsIt(SshRole hostile, byte before, byte[] message)
    {
        await using var pair = Pair.Make();
        Hostile(pair, hostile).OwnMessages = own => own[0] == before ? [message, own] : [own];
        await StartBothAsync(pair);
        Assert.Equal(SshOutcome.PeerViolation, Honest(pair, hostile).Outcome);
    }

    /// <summary>
    /// THREATS 39: the whole attack. Somebody in the middle deletes the server's EXT_INFO. The numbers that began again with the keys
    /// show it; so would GCM's own counter.
    /// </summary>
    [Theory]
    [InlineData("chacha20-poly1305@openssh.com", "")]
    [InlineData("aes128-ctr", "hmac-sha2-256-etm@openssh.com")]
    [InlineData("aes128-gcm@openssh.com", "")]
    public async Task Threats39AnEXTINFOThatWasDeletedIsMissed(string cipher, string mac)
    {
        var extInfo = ExtInfo.Make(SshAlgorithms.UserSignatures);
        var (probe, _) = Packets.Make(cipher, mac);
        var length = probe.Write(extInfo).Length;
        await using var pair = await Pair.StartAsync(
            Pair.ClientOptions.With(cipher: cipher, mac: mac), cable: Cable.Through(null, (from, to) => Middle.ChangeBeforeKeys(from,
                to, static packet => packet, length)));
        Assert.True(await pair.Server.SendAsync(new byte[60], default));
        Assert.True(await pair.Server.SendAsync(new byte[60], default));
        Assert.False(await pair.Client.ReadAsync(default));
        Assert.Equal(SshOutcome.PeerViolation, pair.Client.Outcome);
        Assert.Null(pair.Client.PeerSignatureAlgorithms);
    }

    [Theory]
    [InlineData("chacha20-poly1305@openssh.com", "", true)]
    [InlineData("aes128-ctr", "hmac-sha2-256-etm@openssh.com", true)]
    [InlineData("aes128-ctr", "hmac-sha2-256", false)]
    [InlineData("aes128-gcm@openssh.com", "", false)]
    public async Task Threats39APeerWithoutTheStrictKeyExchangeIsToldApart(string cipher, string mac, bool isOpen)
    {
        // The server's signature covers what it received, so the somebody in the middle that hides the extension is found out.
        await using var pair = Pair.Make(Pair.ClientOptions.With(cipher: cipher, mac: mac));
        pair.Client.OwnMessages = own => [WithoutStrict(own)];
        await StartBothAsync(pair);
        Assert.Equal(SshOutcome.HostKeyRefused, pair.Client.Outcome);
        Assert.False(pair.Server.IsStrict);

        await using var plain = await Pair.StartAsync(
            Pair.ClientOptions.With(cipher: cipher, mac: mac) with { IsStrictOffered = false });
        Assert.False(plain.Server.IsStrict || plain.Client.IsStrict);
        Assert.Equal(isOpen, plain.Server.IsOpenToTerrapin);
        Assert.Equal(isOpen, plain.Client.IsOpenToTerrapin);
        plain.Client.Rekey();
        await Traffic.ExchangeAsync(plain, 100_000);
    }

    /// <summary>Public values that are no points, or points of a small order.</summary>
    public static TheoryData<SshRole, string, byte[]> BadPublicValues
    {
        get
        {
            var point = RandomNumberGenerator.GetBytes(32);
            var offCurve = new byte[65];
            offCurve[0] = 4;
            offCurve.AsSpan(1).Fill(7);
            var cases = new (string Kex, byte[] Value)[]
            {
                ("curve25519-sha256", []), ("curve25519-sha256", new byte[32]), ("curve25519-sha256", point[..31]),
                ("curve25519-sha256", [.. point, 0]), ("curve25519-sha256", [1, .. new byte[31]]),
                ("curve25519-sha256", Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")),
                ("ecdh-sha2-nistp256", offCurve), ("ecdh-sha2-nistp256", new byte[65]), ("ecdh-sha2-nistp256", [4, .. new byte[64]]),
                ("ecdh-sha2-nistp256", [0]), ("ecdh-sha2-nistp256", [2, .. point]), ("ecdh-sha2-nistp256", offCurve[..64]),
                ("ecdh-sha2-nistp384", offCurve), ("ecdh-sha2-nistp384", [4, .. new byte[96]]),
                ("mlkem768x25519-sha256", new byte[32]), ("mlkem768x25519-sha256", new byte[1215]), ("mlkem768x25519-sha256",
                    new byte[1217]),
                ("mlkem768x25519-sha256", new byte[1119]), ("mlkem768x25519-sha256", new byte[1121]),
                ("mlkem768x25519-sha256", [.. Enumerable.Repeat((byte)0xff, 1184), .. point]),
                ("mlkem768x25519-sha256", new byte[1184 + 32]), ("mlkem768x25519-sha256", new byte[1088 + 32]),
                ("diffie-hellman-group14-sha256", []), ("diffie-hellman-group14-sha256", [0]), ("diffie-hellman-group14-sha256", [1]),
                ("diffie-hellman-group14-sha256", [0x80]), ("diffie-hellman-group14-sha256", Enumerable.Repeat((byte)0x7f, 300).ToArray()),
            };
            var all = new TheoryData<SshRole, string, byte[]>();
            foreach (var role in (SshRole[])[SshRole.Client, SshRole.Server])
            {
                foreach (var (kex, value) in cases)
                    all.Add(role, kex, value);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(BadPublicValues))]
    public async Task APublicValueThatIsNotValidEndsTheKeyExchange(SshRole hostile, string kex, byte[] value)
    {
        await using var pair = Pair.Make(Pair.ClientOptions.With(kex), Pair.ServerOptions.With(kex));
        Hostile(pair, hostile).OwnMessages = own => [(MessageNumber)own[0] switch
        {
            MessageNumber.KexInitial => new SshWriter().Begin(MessageNumber.KexInitial).String(value).Written.ToArray(),
            MessageNumber.KexReply => new SshWriter().Begin(MessageNumber.KexReply)
                .String(Pair.HostKey.PublicKey.Span).String(value).String("no signature").Written.ToArray(),
            _ => own,
        }];
        await StartBothAsync(pair);
        Assert.Equal(SshOutcome.PeerViolation, Honest(pair, hostile).Outcome);
        Assert.Equal(0, Honest(pair, hostile).SessionId.Length);
    }

    [Fact]
    public async Task AnX25519HalfOfSmallOrderEndsTheHybridKeyExchange()
    {
        const string Kex = "mlkem768x25519-sha256";
        await using var pair = Pair.Make(Pair.ClientOptions.With(Kex), Pair.ServerOptions.With(Kex));
        pair.Client.OwnMessages = own =>
        {
            if (own[0] == (byte)MessageNumber.KexInitial)
                own.AsSpan(^32..).Clear();
            return [own];
        };
        await StartBothAsync(pair);
        Assert.Equal(SshOutcome.PeerViolation, pair.Server.Outcome);
    }

    [Theory]
    [InlineData(SshRole.Client)]
    [InlineData(SshRole.Server)]
    public async Task AMessageOfTheKeyExchangeThatIsCutOrLongerOrTwiceOrStrangeEndsIt(SshRole hostile)
    {
        var second = hostile == SshRole.Client ? (byte)30 : (byte)31;
        Func<byte[], byte[][]> cut = m => [m[..^1]], bare = m => [[m[0]]], longer = m => [[.. m, 0]], twice = m => [m, m],
            strange = m => [[49], m];
        foreach (var (number, change) in ((byte, Func<byte[], byte[][]>)[])
            [
                (20, cut), (20, bare), (20, longer), (20, twice), (20, strange), (second, cut), (second, bare), (second, longer),
                    (second, twice),
                (second, strange), (21, longer), (21, strange),
            ])
        {
            await using var pair = Pair.Make();
            Hostile(pair, hostile).OwnMessages = own => own[0] == number ? change(own) : [own];
            await StartBothAsync(pair);
            Assert.Equal(SshOutcome.PeerViolation, Honest(pair, hostile).Outcome);
        }
    }

    /// <summary>THREATS 42: nothing of a key exchange outside of one, and NEWKEYS only where it belongs.</summary>
    [Theory]
    [InlineData(21)]
    [InlineData(30)]
    [InlineData(31)]
    [InlineData(7)]
    public async Task AMessageOfTheKeyExchangeWithoutOneEndsIt(byte number)
    {
        foreach (var hostile in (SshRole[])[SshRole.Client, SshRole.Server])
        {
            await using var pair = await Pair.StartAsync();
            // EXT_INFO is due once, and this is later.
            Assert.True(await Hostile(pair, hostile).SendAsync(new[] { (byte)MessageNumber.ChannelData }, default));
            Assert.True(await Hostile(pair, hostile).SendAsync(new byte[] { number, 0, 0, 0, 0 }, default));
            Assert.True(await Honest(pair, hostile).ReadAsync(default));
            Assert.False(await Honest(pair, hostile).ReadAsync(default));
            Assert.Equal(SshOutcome.PeerViolation, Honest(pair, hostile).Outcome);
        }
    }

    [Theory]
    [InlineData(50)]
    [InlineData(94)]
    [InlineData(7)]
    public async Task DataBetweenKEXINITAndNEWKEYSOfALaterKeyExchangeEndsIt(byte number)
    {
        foreach (var hostile in (SshRole[])[SshRole.Client, SshRole.Server])
        {
            await using var pair = await Pair.StartAsync();
            Hostile(pair, hostile).OwnMessages = own => own[0] == 20 ? [own, [number, 0, 0, 0, 0]] : [own];
            Hostile(pair, hostile).Rekey();
            Assert.False(await Honest(pair, hostile).ReadAsync(default));
            Assert.Equal(SshOutcome.PeerViolation, Honest(pair, hostile).Outcome);
        }
    }

    /// <summary>THREATS 44: connected and silent, or silent after a part.</summary>
    [Theory]
    [InlineData(SshRole.Server, 0)]
    [InlineData(SshRole.Server, 1)]
    [InlineData(SshRole.Server, 2)]
    [InlineData(SshRole.Client, 1)]
    public async Task APeerThatFallsSilentBeforeThereAreKeysIsEndedInTime(SshRole role, int said)
    {
        var time = new FakeTimeProvider();
        await using var pair = Pair.Make(time: time);
        var honest = role == SshRole.Server ? pair.Server : pair.Client;
        var other = role == SshRole.Server ? pair.Client : pair.Server;
        other.OwnMessages = own => own[0] == 20 && said == 2 ? [own] : [];
        var starting = honest.StartAsync(default).AsTask();
        if (said > 0)
            _ = other.StartAsync(default).AsTask();
        time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(starting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(SshOutcome.KexTimeout, await starting);
    }

    /// <summary>THREATS 44 (CVE-2024-43410): lengths that nobody can mean cost no memory.</summary>
    [Theory]
    [InlineData(0xffffffff)]
    [InlineData(0x7fffffff)]
    [InlineData(4u << 20)]
    [InlineData(35_004u)]
    [InlineData(9u)]
    public async Task Threats44APacketLengthOutOfBoundsEndsIt(uint length)
    {
        var (client, server) = Cable.Straight();
        await using var transport = new SshTransport(server, Pair.ServerOptions, TimeProvider.System);
        var script = new Script(client.Output);
        await script.LineAsync("SSH-2.0-rogue");
        await script.BytesAsync((byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length);
        Assert.Equal(SshOutcome.PeerViolation, await transport.StartAsync(default));
    }

    [Fact]
    public async Task Threats44BeforeAuthenticationAPacketIsShort()
    {
        foreach (var isAuthenticated in (bool[])[false, true])
        {
            await using var pair = await Pair.StartAsync(isAuthenticated: isAuthenticated);
            var sending = pair.Client.SendAsync(new byte[200_000].Select(_ => (byte)94).ToArray(), default);
            Assert.Equal(isAuthenticated, await pair.Server.ReadAsync(default));
            Assert.Equal(isAuthenticated ? SshOutcome.Open : SshOutcome.PeerViolation, pair.Server.Outcome);
            await pair.Server.DisposeAsync();
            await sending;
        }
    }

    /// <summary>RFC 4253 §7: a packet sent on a wrong guess is dropped, one and no more; on a right guess it counts.</summary>
    [Fact]
    public async Task APacketOnAWrongGuessIsDroppedOnce()
    {
        foreach (var (isRight, dropped) in ((bool, int)[])[(false, 1), (false, 2), (true, 0)])
        {
            await using var pair = Pair.Make(Pair.ClientOptions with
            {
                IsGuessAnnounced = true,
                Kex = isRight ? SshAlgorithms.Kex : ["curve25519-sha256", "mlkem768x25519-sha256"],
            });
            var guess = new SshWriter().Begin(MessageNumber.KexInitial).String(new byte[32]).Written.ToArray();
            pair.Client.OwnMessages = own => own[0] == 30 ? [.. Enumerable.Repeat(guess, dropped), own] : [own];
            var isFine = isRight || dropped == 1;
            if (isFine)
                Assert.Equal((SshOutcome.Open, SshOutcome.Open), await pair.OutcomesAsync());
            else
                await StartBothAsync(pair);
            Assert.Equal(isFine ? SshOutcome.Open : SshOutcome.PeerViolation, pair.Server.Outcome);
        }
    }

    /// <summary>A bit that is flipped on the way gives the same words wherever it is, and the message is never seen.</summary>
    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public async Task APacketThatWasChangedOnItsWayEndsItWithTheSameWords(string cipher, string mac)
    {
        foreach (var at in (int[])[4, 5, 20, 59, 70])
        {
            var middle = new Middle();
            await using var pair = await Pair.StartAsync(
                Pair.ClientOptions.With(cipher: cipher, mac: mac), cable: Cable.Through(middle.Pass, null));
            middle.FlipAt = at;
            Assert.True(await pair.Client.SendAsync(Enumerable.Repeat((byte)94, 60).ToArray(), default));
            Assert.False(await pair.Server.ReadAsync(default));
            Assert.Equal((SshOutcome.PeerViolation, "a packet was changed on its way"), (pair.Server.Outcome, pair.Server.OutcomeText));
            Assert.Equal(DisconnectReason.MacError, pair.Server.OutcomeReason);
        }
    }

    private static SshTransport Hostile(Pair pair, SshRole role) => role == SshRole.Client ? pair.Client : pair.Server;

    private static SshTransport Honest(Pair pair, SshRole hostile) => hostile == SshRole.Client ? pair.Server : pair.Client;

    /// <summary>Both begin, and read one message if they can: the one that ends tells the other.</summary>
    private static async Task StartBothAsync(Pair pair)
    {
        await Task.WhenAll(RunAsync(pair.Client), RunAsync(pair.Server));

        async Task RunAsync(SshTransport transport)
        {
            if (await transport.StartAsync(default) == SshOutcome.Open)
                await transport.ReadAsync(default);
        }
    }

    private static byte[] WithoutStrict(byte[] message)
    {
        if (message[0] != (byte)MessageNumber.KexInit)
            return message;
        var at = message.AsSpan().IndexOf("kex-strict-c"u8);
        if (at >= 0)
            message = [.. message[..at], (byte)'x', .. message[(at + 1)..]];
        return message;
    }
}
