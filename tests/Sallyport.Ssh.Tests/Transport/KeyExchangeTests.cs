using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport;

public sealed class KeyExchangeTests
{
    [Theory]
    [MemberData(nameof(Offers.All), MemberType = typeof(Offers))]
    public async Task BothRolesAgreeWithEveryAlgorithm(string kex, string cipher, string mac)
    {
        await using var pair = await Pair.StartAsync(
            Pair.ClientOptions.With(kex, cipher, mac), Pair.ServerOptions.With(kex, cipher, mac));
        Assert.Equal(new NegotiatedAlgorithms(kex, "ssh-ed25519", cipher, cipher, mac, mac), pair.Client.Negotiated);
        Assert.Equal(pair.Client.Negotiated, pair.Server.Negotiated);
        Assert.True(pair.Client.SessionId.Span.SequenceEqual(pair.Server.SessionId.Span));
        Assert.True(pair.Client.IsStrict && pair.Server.IsStrict);
        Assert.True(pair.Client.HostKey.Span.SequenceEqual(Pair.HostKey.PublicKey.Span));
        Assert.Equal("SSH-2.0-Sallyport", pair.Client.PeerVersion);
        await Traffic.ExchangeAsync(pair, 200_000);
        Assert.Equal(SshAlgorithms.UserSignatures, pair.Client.PeerSignatureAlgorithms);
        Assert.Null(pair.Server.PeerSignatureAlgorithms);
    }

    [Theory]
    [InlineData("diffie-hellman-group14-sha256")]
    [InlineData("diffie-hellman-group16-sha512")]
    public async Task TheGroupsOfOldServersWorkWhenTheyAreAskedFor(string kex)
    {
        await using var pair = await Pair.StartAsync(Pair.ClientOptions.With(kex), Pair.ServerOptions.With(kex));
        Assert.Equal(kex, pair.Client.Negotiated!.Kex);
        Assert.DoesNotContain(kex, SshAlgorithms.Kex);
    }

    /// <summary>
    /// Version lines, key exchange, EXT_INFO and data, each packet cut at each of its offsets and read from small
    /// pieces.
    /// </summary>
    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public async Task EveryMessageMayComeByteByByte(string cipher, string mac)
    {
        await using var pair = await Pair.StartAsync(
            Pair.ClientOptions.With(cipher: cipher, mac: mac), Pair.ServerOptions.With(cipher: cipher, mac: mac),
            Cable.Through(Cable.ByteByByte, Cable.ByteByByte));
        await Traffic.ExchangeAsync(pair, 30_000);
    }

    [Fact]
    public async Task TheClientsOrderDecides()
    {
        await using var pair = await Pair.StartAsync(
            Pair.ClientOptions with
            {
                Ciphers = ["aes256-ctr", "aes128-ctr"],
                Kex = ["ecdh-sha2-nistp384", "curve25519-sha256"],
                Macs = ["hmac-sha2-512"]
            });
        Assert.Equal(
            new NegotiatedAlgorithms("ecdh-sha2-nistp384", "ssh-ed25519", "aes256-ctr", "aes256-ctr", "hmac-sha2-512", "hmac-sha2-512"),
            pair.Server.Negotiated);
    }

    [Fact]
    public async Task TheServerSignsWithTheKeyThatTheClientKnows()
    {
        var ecdsa = new EcdsaSigner();
        await using var pair = await Pair.StartAsync(
            Pair.ClientOptions with { HostKeyVerifier = new KeyPin(ecdsa.PublicKey.ToArray()) { Algorithms = ["ecdsa-sha2-nistp256"] } },
            Pair.ServerOptions with { HostKeys = [Pair.HostKey, ecdsa] });
        Assert.Equal("ecdsa-sha2-nistp256", pair.Client.Negotiated!.HostKey);
        Assert.True(pair.Client.HostKey.Span.SequenceEqual(ecdsa.PublicKey.Span));
    }

    /// <summary>THREATS 49.</summary>
    [Fact]
    public async Task AHostKeyThatIsNotTrustedEndsBothSides()
    {
        await using var pair = Pair.Make(Pair.ClientOptions with { HostKeyVerifier = new KeyPin(new Ed25519Signer().PublicKey.ToArray()) });
        Assert.Equal((SshOutcome.HostKeyRefused, SshOutcome.PeerDisconnected), await pair.OutcomesAsync());
        Assert.Equal(DisconnectReason.HostKeyNotVerifiable, pair.Server.OutcomeReason);
    }

    [Theory]
    [InlineData("key exchange")]
    [InlineData("host key algorithm")]
    [InlineData("cipher")]
    [InlineData("MAC")]
    public async Task NothingInCommonEndsBothSides(string missing)
    {
        var client = missing switch
        {
            "key exchange" => Pair.ClientOptions with { Kex = ["diffie-hellman-group14-sha256"] },
            "host key algorithm" => Pair.ClientOptions with { HostKeyVerifier = new KeyPin { Algorithms = ["ssh-rsa"] } },
            "cipher" => Pair.ClientOptions with { Ciphers = ["aes256-ctr"] },
            _ => Pair.ClientOptions with { Ciphers = ["aes128-ctr"], Macs = ["hmac-sha2-512"] },
        };
        await using var pair = Pair.Make(client, Pair.ServerOptions with { Ciphers = ["aes128-ctr"], Macs = ["hmac-sha2-256"] });
        var (ofClient, ofServer) = await pair.OutcomesAsync();
        Assert.Equal(SshOutcome.NoCommonAlgorithm, ofClient);
        Assert.Contains(ofServer, (SshOutcome[])[SshOutcome.NoCommonAlgorithm, SshOutcome.PeerDisconnected]);
        Assert.Equal($"no {missing} in common", pair.Client.OutcomeText);
    }

    [Fact]
    public async Task WhatIsNotKnownIsAnsweredWithItsNumber()
    {
        await using var pair = await Pair.StartAsync();
        byte[] ping = [192, 1, 2, 3];
        Assert.True(await pair.Client.SendAsync(ping, default));
        Assert.True(await pair.Client.SendAsync(new[] { (byte)MessageNumber.ServiceRequest }, default));
        Assert.True(await pair.Server.ReadAsync(default));
        Assert.Equal([(byte)MessageNumber.ServiceRequest], pair.Server.Message.ToArray());
        Assert.True(await pair.Server.SendAsync(new[] { (byte)MessageNumber.ServiceAccept }, default));
        Assert.True(await pair.Client.ReadAsync(default));
        Assert.Equal([(byte)MessageNumber.ServiceAccept], pair.Client.Message.ToArray());
        // UNIMPLEMENTED, NEWKEYS and the rest before it, EXT_INFO, and the message.
        Assert.Equal(6, pair.Client.PacketsReceived);
    }

    [Fact]
    public async Task PacketsThatHaveArrivedAreReadWithoutWaiting()
    {
        await using var pair = await Pair.StartAsync();
        for (byte i = 0; i < 10; i++)
            Assert.True(pair.Client.TryWrite([(byte)MessageNumber.ChannelData, i], [i]));
        Assert.True(await pair.Client.FlushAsync(default));
        Assert.True(await pair.Server.ReadAsync(default));
        for (byte i = 1; i < 10; i++)
        {
            Assert.True(pair.Server.TryRead());
            Assert.Equal([(byte)MessageNumber.ChannelData, i, i], pair.Server.Message.ToArray());
        }
        Assert.False(pair.Server.TryRead());
        Assert.Equal(SshOutcome.Open, pair.Server.Outcome);
    }

    /// <summary>A read that is cancelled in the middle of a packet: its beginning is neither lost nor decrypted twice.</summary>
    [Theory]
    [MemberData(nameof(Offers.Protections), MemberType = typeof(Offers))]
    public async Task AReadThatWasCancelledIsTakenUpAgain(string cipher, string mac)
    {
        var middle = new Middle();
        await using var pair = await Pair.StartAsync(
            Pair.ClientOptions.With(cipher: cipher, mac: mac), cable: Cable.Through(middle.Pass, null));
        var held = middle.Held = new TaskCompletionSource();
        Assert.True(await pair.Client.SendAsync(Enumerable.Repeat((byte)94, 100).ToArray(), default));
        using (var cancel = new CancellationTokenSource())
        {
            var reading = pair.Server.ReadAsync(cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }
        Assert.False(pair.Server.TryRead());
        held.SetResult();
        Assert.True(await pair.Server.ReadAsync(default), pair.Server.OutcomeText);
        Assert.Equal(100, pair.Server.Message.Length);
    }

    [Fact]
    public async Task ADisconnectEndsTheReaderOnBothSidesAndSaysWhyInPrintableWords()
    {
        await using var pair = await Pair.StartAsync();
        var reading = pair.Client.ReadAsync(default);
        await pair.Client.DisconnectAsync(DisconnectReason.ByApplication, "good\x1b[31mbye", default);
        Assert.False(await reading);
        Assert.False(await pair.Server.ReadAsync(default));
        Assert.Equal((SshOutcome.Disconnected, SshOutcome.PeerDisconnected), (pair.Client.Outcome, pair.Server.Outcome));
        Assert.Equal((DisconnectReason.ByApplication, "good?[31mbye"), (pair.Server.OutcomeReason, pair.Server.OutcomeText));
        Assert.False(pair.Client.TryWrite([2]));
        Assert.False(await pair.Client.WaitWritableAsync(default));
        Assert.False(await pair.Client.FlushAsync(default));
    }

    [Fact]
    public async Task AConnectionThatEndsWithoutAWordIsGone()
    {
        var cable = Cable.Straight();
        await using var pair = await Pair.StartAsync(cable: cable);
        await cable.Client.Output.CompleteAsync();
        Assert.False(await pair.Server.ReadAsync(default));
        Assert.Equal(SshOutcome.PeerGone, pair.Server.Outcome);
    }
}
