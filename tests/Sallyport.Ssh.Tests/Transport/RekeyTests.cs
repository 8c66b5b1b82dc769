using Microsoft.Extensions.Time.Testing;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport;

public sealed class RekeyTests
{
    private const long Megabyte = 1 << 20;

    /// <summary>THREATS 44: new keys every megabyte while both sides send.</summary>
    [Theory]
    [InlineData(SshRole.Client, "aes128-gcm@openssh.com")]
    [InlineData(SshRole.Server, "aes128-gcm@openssh.com")]
    [InlineData(SshRole.Client, "chacha20-poly1305@openssh.com")]
    [InlineData(SshRole.Server, "chacha20-poly1305@openssh.com")]
    [InlineData(SshRole.Client, "aes256-ctr")]
    [InlineData(SshRole.Server, "aes256-ctr")]
    [InlineData(null, "aes256-gcm@openssh.com")]
    public async Task DataGoesOnBothWaysThroughNewKeysFromEitherSide(SshRole? asker, string cipher)
    {
        var client = Pair.ClientOptions.With(cipher: cipher);
        var server = Pair.ServerOptions.With(cipher: cipher);
        await using var pair = await Pair.StartAsync(
            asker == SshRole.Server ? client : client with { RekeyBytes = Megabyte },
            asker == SshRole.Client ? server : server with { RekeyBytes = Megabyte });
        var first = pair.Client.SessionId.ToArray();
        var (sentBefore, bytes) = (pair.Client.PacketsSent, 12 * Megabyte);
        await Traffic.ExchangeAsync(pair, bytes);
        Assert.Equal(first, pair.Client.SessionId.ToArray());
        Assert.Equal(first, pair.Server.SessionId.ToArray());
        Assert.True(Rekeys(pair) >= 4, $"only {Rekeys(pair)}");

        long Rekeys(Pair pair) => (pair.Client.PacketsSent - sentBefore - Traffic.MessagesOf(bytes)) / 3;
    }

    /// <summary>The packet that wears the keys out closes the gate before its writer has flushed: nobody else would send KEXINIT.</summary>
    [Fact]
    public async Task NewKeysThatAWriteAsksForNeedNoFlush()
    {
        await using var pair = await Pair.StartAsync(Pair.ClientOptions with { RekeyBytes = 10 });
        Assert.True(pair.Client.TryWrite([(byte)MessageNumber.ChannelData, 1]));
        Assert.False(pair.Client.TryWrite([(byte)MessageNumber.ChannelData, 2]));
        var clientReads = pair.Client.ReadAsync(default).AsTask();
        Assert.True(await pair.Server.ReadAsync(default));
        var serverReads = pair.Server.ReadAsync(default).AsTask();
        Assert.True(await pair.Client.WaitWritableAsync(default));
        await pair.Client.DisconnectAsync(DisconnectReason.ByApplication, "", default);
        Assert.False(await clientReads);
        Assert.False(await serverReads);
    }

    [Fact]
    public async Task NewKeysAreAskedForByTheClockAndByTheNumberOfPackets()
    {
        var time = new FakeTimeProvider();
        await using var pair = await Pair.StartAsync(Pair.ClientOptions with { RekeyPackets = 10 }, time: time);
        var before = pair.Server.PacketsReceived;
        time.Advance(TimeSpan.FromHours(1));
        await TalkAsync(pair);
        Assert.Equal(before + 3 + 1, pair.Server.PacketsReceived);

        before = pair.Server.PacketsReceived;
        for (var i = 0; i < 10; i++)
            await TalkAsync(pair);
        Assert.Equal(before + 3 + 10, pair.Server.PacketsReceived);
    }

    [Fact]
    public async Task APeerThatGivesNoNewKeysIsEndedWithTheOldOnes()
    {
        var options = Pair.ClientOptions with { RekeyPackets = 5, MaxPacketsPerKey = 20 };
        await using var pair = await Pair.StartAsync(options);
        // Nobody reads the server's side, so no answer comes; what it has sent before is still read.
        for (var i = 0; i < 40; i++)
            Assert.True(pair.Server.TryWrite([(byte)MessageNumber.ChannelData, 0]));
        Assert.True(await pair.Server.FlushAsync(default));
        while (await pair.Client.ReadAsync(default))
        {
        }
        Assert.Equal(SshOutcome.KeysExhausted, pair.Client.Outcome);
    }

    /// <summary>THREATS 44: a peer that wants new keys all the time.</summary>
    [Fact]
    public async Task AskingInALoopIsRefusedAfterTheFirst()
    {
        var time = new FakeTimeProvider();
        await using var pair = await Pair.StartAsync(time: time);
        pair.Client.Rekey();
        await TalkAsync(pair);
        time.Advance(TimeSpan.FromSeconds(10));
        pair.Client.Rekey();
        await TalkAsync(pair);
        pair.Client.Rekey();
        Assert.False(await pair.Server.ReadAsync(default));
        Assert.Equal(SshOutcome.RekeyAbuse, pair.Server.Outcome);
    }

    /// <summary>THREATS 44: a key exchange that is begun and not finished.</summary>
    [Fact]
    public async Task NewKeysThatDoNotComeInTimeEndIt()
    {
        var time = new FakeTimeProvider();
        await using var pair = await Pair.StartAsync(time: time);
        pair.Server.Rekey();
        var reading = pair.Server.ReadAsync(default).AsTask();
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(reading.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await reading);
        Assert.Equal(SshOutcome.KexTimeout, pair.Server.Outcome);
    }

    /// <summary>
    /// Go x/crypto #18439: both sides' outputs are full and their writers wait, and one asks for new keys. Its reader reads on, answers
    /// when there is room, and both writers go on with new keys.
    /// </summary>
    [Fact]
    public async Task TheReaderReadsOnWhileItsWriterIsStuckAndNewKeysAreDue()
    {
        await using var pair = await Pair.StartAsync();
        var flushes = new List<Task<bool>>();
        foreach (var side in (SshTransport[])[pair.Client, pair.Server])
        {
            for (var i = 0; i < 10; i++)
                Assert.True(side.TryWrite([(byte)MessageNumber.ChannelData], new byte[30_000]));
            flushes.Add(side.FlushAsync(default).AsTask());
        }
        Assert.All(flushes, f => Assert.False(f.IsCompleted));
        pair.Client.Rekey();
        Assert.False(pair.Client.CanWrite);
        var clientReads = ReadAllAsync(pair.Client);
        var serverReads = ReadAllAsync(pair.Server);
        Assert.All(await Task.WhenAll(flushes), Assert.True);
        Assert.True(await pair.Client.WaitWritableAsync(default));
        Assert.True(await pair.Client.SendAsync(new byte[] { (byte)MessageNumber.ChannelEof }, default));
        Assert.True(await pair.Server.WaitWritableAsync(default));
        Assert.True(await pair.Server.SendAsync(new byte[] { (byte)MessageNumber.ChannelEof }, default));
        Assert.Equal(11, await clientReads);
        Assert.Equal(11, await serverReads);
    }

    [Fact]
    public async Task WhatIsPostedDuringAKeyExchangeComesAfterItInOrder()
    {
        await using var pair = await Pair.StartAsync();
        pair.Client.Rekey();
        for (byte i = 0; i < 100; i++)
            pair.Client.Post([(byte)MessageNumber.ChannelWindowAdjust, i]);
        Assert.False(pair.Client.CanWrite);
        var reading = pair.Client.ReadAsync(default).AsTask();
        for (byte i = 0; i < 100; i++)
        {
            Assert.True(await pair.Server.ReadAsync(default));
            Assert.Equal([(byte)MessageNumber.ChannelWindowAdjust, i], pair.Server.Message.ToArray());
        }
        Assert.True(pair.Client.CanWrite);
        Assert.False(reading.IsCompleted);
        await pair.Client.DisconnectAsync(DisconnectReason.ByApplication, "", default);
        Assert.False(await reading);
    }

    /// <summary>THREATS 44: answers to a peer that does not read are bounded.</summary>
    [Fact]
    public async Task TooManyPostedMessagesForAPeerThatDoesNotReadEndIt()
    {
        await using var pair = await Pair.StartAsync(server: Pair.ServerOptions with { MaxPosted = 10_000 });
        pair.Server.Rekey();
        for (var i = 0; i < 1000; i++)
            pair.Server.Post(new byte[] { (byte)MessageNumber.ChannelWindowAdjust, 0, 0, 0, 0, 0, 0, 0, 0 });
        Assert.Equal(SshOutcome.PeerDoesNotRead, pair.Server.Outcome);
    }

    private static async Task<int> ReadAllAsync(SshTransport transport)
    {
        var count = 0;
        do
        {
            Assert.True(await transport.ReadAsync(default), transport.OutcomeText);
            count++;
        }
        while (transport.Message.Span[0] != (byte)MessageNumber.ChannelEof);
        return count;
    }

    /// <summary>One message each way, and whatever key exchange is under way with it.</summary>
    private static async Task TalkAsync(Pair pair)
    {
        var sending = pair.Client.SendAsync(new byte[] { (byte)MessageNumber.ChannelData }, default).AsTask();
        var reading = pair.Client.ReadAsync(default).AsTask();
        Assert.True(await pair.Server.ReadAsync(default), pair.Server.OutcomeText);
        Assert.True(await sending);
        Assert.True(await pair.Server.SendAsync(new byte[] { (byte)MessageNumber.ChannelData }, default));
        Assert.True(await reading);
    }
}
