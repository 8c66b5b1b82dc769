using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>THREATS 42 to 49: a target that let the gateway in, and then breaks the connection protocol.</summary>
[Collection(nameof(SshGateway))]
public sealed class HostileTargetTests(SshGateway gateway)
{
    private static readonly Dictionary<string, Func<uint, SshWriter[]>> Breaches = new()
    {
        ["data of an unknown channel"] = static _ => [Say.Data(4242, 1)],
        ["a request on an unknown channel"] = static _ => [Say.Request(4242, "exit-status", false).UInt32(0)],
        ["EOF of an unknown channel"] = static _ => [Say.Of(MessageNumber.ChannelEof, 4242)],
        ["a window of an unknown channel"] = static _ => [Say.Adjust(4242, 1)],
        ["CLOSE twice"] = static c => [Say.Of(MessageNumber.ChannelClose, c), Say.Of(MessageNumber.ChannelClose, c)],
        ["a window that wraps"] = static c => [Say.Adjust(c, uint.MaxValue), Say.Adjust(c, uint.MaxValue)],
        ["six megabytes into a window of two"] = static c => [.. Enumerable.Range(0, 200).Select(_ => Say.Data(c, 32000))],
        ["a message longer than was allowed"] = static c => [Say.Data(c, 40000)],
        ["a success of no request"] = static c => [Say.Of(MessageNumber.ChannelSuccess, c)],
        ["a global success of no request"] = static _ => [new SshWriter().Begin(MessageNumber.RequestSuccess)],
        ["a second confirmation"] = static c => [Say.Confirm(c, 8)],
        ["a failure of what is open"] = static c => [Say.Of(MessageNumber.ChannelOpenFailure, c).UInt32(1).String("no").String("")],
        ["a packet size of nothing"] = static _ => [Say.Open(1, "forwarded-tcpip", maxPacket: 0)],
        ["an authentication's success"] = static _ => [new SshWriter().Begin(MessageNumber.UserAuthSuccess)],
        ["an unread flood of ends"] = static c => [.. Enumerable.Range(0, 20_000).Select(_ => Say.Request(c, "eow@openssh.com", false))],
        ["an unread flood of statuses"] = static c => [.. Enumerable.Range(0, 20_000).Select(_ => Say.Request(c, "exit-status", false).UInt32(1))],
    };

    public static TheoryData<string> BreachNames => [.. Breaches.Keys];

    [Theory]
    [MemberData(nameof(BreachNames))]
    public async Task Threat49_ABreachEndsTheSessionAndNothingElse(string breach)
    {
        // A client that lets nothing through: what the target sends waits in the gateway.
        var (client, target, channel) = await gateway.Targets.RunAsync(gateway, window: 0);
        await using var first = client;
        await using var second = target;
        if (breach.StartsWith("an unread flood", StringComparison.Ordinal))
            await target.SendAsync(Say.Data(channel, 1));

        await target.TrySendAsync(Breaches[breach](channel));

        Assert.NotEqual(SshOutcome.Open, (await target.EndAsync()).Outcome);
        Assert.Equal(SshOutcome.PeerDisconnected, (await client.EndAsync()).Outcome);
        Assert.Equal("upstream_lost", await gateway.LastEndAsync());
        Assert.Contains("protocol_violation", await gateway.LastRecordingAsync(), StringComparison.Ordinal);
        Assert.Equal("alive\n", (await gateway.SshAsync("eng", "echo alive")).Output);
    }

    /// <summary>What the target says of a channel that it has not confirmed would reach the client before the confirmation.</summary>
    [Fact]
    public async Task Threat49_NothingComesOnAChannelThatIsNotConfirmed()
    {
        var (client, target) = await gateway.Targets.JoinAsync(gateway);
        await using var first = client;
        await using var second = target;
        await client.SendAsync(Say.Open(0));
        await target.UntilAsync(MessageNumber.ChannelOpen);

        await target.TrySendAsync([Say.Data(0, 1)]);

        Assert.Equal(SshOutcome.PeerDisconnected, (await target.EndAsync()).Outcome);
        Assert.Equal(SshOutcome.PeerDisconnected, (await client.EndAsync()).Outcome);
    }

    [Fact]
    public async Task Threat48And49_WhatNobodyAskedForIsRefusedAndTheClientHearsNothing()
    {
        var (client, target, channel) = await gateway.Targets.RunAsync(gateway);
        await using var first = client;
        await using var second = target;

        foreach (var type in (string[])
            ["forwarded-tcpip", "x11", "auth-agent@openssh.com", "session", "direct-tcpip", "forwarded-streamlocal@openssh.com"])
        {
            await target.SendAsync(Say.Open(9, type).String("localhost").UInt32(22).String("localhost").UInt32(1));
            Assert.Equal([MessageNumber.ChannelOpenFailure], await target.NumbersAsync(1));
        }
        foreach (var name in (string[])["keepalive@openssh.com", "no-such-thing@example.com", "auth-agent-req@openssh.com", "exec"])
        {
            await target.SendAsync(Say.Request(channel, name), Say.Global(name));
            Assert.Equal([MessageNumber.ChannelFailure, MessageNumber.RequestFailure], (await target.NumbersAsync(2)).OrderDescending());
        }
        await target.SendAsync(Say.Global("hostkeys-00@openssh.com", wantsReply: false), Say.Data(channel, 1));

        Assert.Equal([MessageNumber.ChannelData], await client.NumbersAsync(1));
    }

    /// <summary>The target's own words on a channel's failure are escaped: they would be printed on a terminal.</summary>
    [Fact]
    public async Task Threat49_WordsOfARefusalAreEscaped()
    {
        var (client, target) = await gateway.Targets.JoinAsync(gateway);
        await using var first = client;
        await using var second = target;
        await client.SendAsync(Say.Open(3));
        await target.UntilAsync(MessageNumber.ChannelOpen);

        await target.SendAsync(Say.Of(MessageNumber.ChannelOpenFailure, 0).UInt32(1).String("\e]52;c;evil\a").String(""));

        var failure = await client.UntilAsync(MessageNumber.ChannelOpenFailure);
        Assert.Equal(3u, Say.NumberAt(failure));
        Assert.DoesNotContain((byte)0x1b, failure);
    }

    /// <summary>New keys on both legs at once, asked for by the client, the target and again, while megabytes go both ways.</summary>
    [Fact]
    public async Task NewKeysOnBothLegsAtOnceLoseNothing()
    {
        var running = gateway.ShellAsync(
            "head -c 20000000 /dev/urandom > $HERE/rekeyed && " +
            "$SSH -o RekeyLimit=1M eng+scripted@gw cat < $HERE/rekeyed | cmp - $HERE/rekeyed && echo same");
        await using var target = await gateway.Targets.AcceptAsync(rekeyBytes: 1 << 20);
        await target.LetInAsync();
        var channel = await target.ConfirmAsync();

        await EchoAsync(target, channel);

        Assert.Equal("same\n", (await running).OrThrow("ssh").Output);
    }

    /// <summary>Gives back what comes on a channel until its end. Whoever reads does not wait for who writes: keys need both.</summary>
    private static async Task EchoAsync(RawTarget target, uint channel)
    {
        var answers = System.Threading.Channels.Channel.CreateUnbounded<SshWriter>();
        var writing = WriteAsync(target, answers.Reader);
        while (await target.Transport.ReadAsync(default))
        {
            var message = target.Transport.Message.ToArray();
            SshWriter[] said = (MessageNumber)message[0] switch
            {
                MessageNumber.ChannelRequest => [Say.Of(MessageNumber.ChannelSuccess, channel)],
                MessageNumber.ChannelData =>
                [
                    Say.Adjust(channel, (uint)message.Length - 9),
                    new SshWriter(message.Length).Begin(MessageNumber.ChannelData).UInt32(channel).String(message.AsSpan(9)),
                ],
                MessageNumber.ChannelEof =>
                [
                    Say.Request(channel, "exit-status", false).UInt32(0), Say.Of(MessageNumber.ChannelEof, channel),
                    Say.Of(MessageNumber.ChannelClose, channel),
                ],
                _ => [],
            };
            foreach (var answer in said)
                Assert.True(answers.Writer.TryWrite(answer));
        }
        answers.Writer.Complete();
        await writing;
    }

    private static async Task WriteAsync(RawTarget target, System.Threading.Channels.ChannelReader<SshWriter> answers)
    {
        await foreach (var answer in answers.ReadAllAsync())
            await target.SendAsync(answer);
    }
}
