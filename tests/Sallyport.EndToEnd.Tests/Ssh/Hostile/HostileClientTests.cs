using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>THREATS 42 to 48: a client that proved who it is, and then breaks the connection protocol.</summary>
[Collection(nameof(SshGateway))]
public sealed class HostileClientTests(SshGateway gateway)
{
    private static readonly Dictionary<string, Func<uint, SshWriter[]>> Breaches = new()
    {
        ["data of an unknown channel"] = static _ => [Say.Data(4242, 1)],
        ["EOF of an unknown channel"] = static _ => [Say.Of(MessageNumber.ChannelEof, 4242)],
        ["CLOSE of an unknown channel"] = static _ => [Say.Of(MessageNumber.ChannelClose, 4242)],
        ["a request on an unknown channel"] = static _ => [Say.Exec(4242, "id")],
        ["a window of an unknown channel"] = static _ => [Say.Adjust(4242, 1)],
        ["CLOSE twice"] = static c => [Say.Of(MessageNumber.ChannelClose, c), Say.Of(MessageNumber.ChannelClose, c)],
        ["a window that wraps"] = static c => [Say.Adjust(c, uint.MaxValue), Say.Adjust(c, uint.MaxValue), Say.Adjust(c, uint.MaxValue)],
        ["six megabytes into a window of two"] = static c => [.. Enumerable.Range(0, 200).Select(_ => Say.Data(c, 32000))],
        ["a message longer than was allowed"] = static c => [Say.Data(c, 40000)],
        ["a packet size of nothing"] = static _ => [Say.Open(1, maxPacket: 0)],
        ["an unasked confirmation"] = static c => [Say.Confirm(c, 1)],
        ["a success of no request"] = static c => [Say.Of(MessageNumber.ChannelSuccess, c)],
        ["a global success of no request"] = static _ => [new SshWriter().Begin(MessageNumber.RequestSuccess)],
        ["error output from a client"] = static c => [Say.Of(MessageNumber.ChannelExtendedData, c).UInt32(1).String("x")],
        ["a request cut short"] = static c => [Say.Of(MessageNumber.ChannelRequest, c).UInt32(9)],
        ["data with more behind"] = static c => [Say.Data(c, 1).Byte(0)],
        ["a second authentication"] = static _ =>
            [new SshWriter().Begin(MessageNumber.UserAuthRequest).String("dana").String("ssh-connection").String("none")],
        ["an authentication's success"] = static _ => [new SshWriter().Begin(MessageNumber.UserAuthSuccess)],
        ["a second service"] = static _ => [new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth")],
    };

    public static TheoryData<string> BreachNames => [.. Breaches.Keys];

    [Theory]
    [MemberData(nameof(BreachNames))]
    public async Task Threat42To44_ABreachEndsTheSessionAndNothingElse(string breach)
    {
        await using var client = await RawClient.LogInAsync(gateway);
        var channel = await client.RunAsync("sleep 60");

        var end = await client.EndAfterAsync(Breaches[breach](channel));

        Assert.Equal((SshOutcome.PeerDisconnected, DisconnectReason.ProtocolError), end);
        Assert.Equal("protocol_violation", await gateway.LastEndAsync());
        Assert.Contains("protocol_violation", await gateway.LastRecordingAsync(), StringComparison.Ordinal);
        Assert.Equal("alive\n", (await gateway.SshAsync("eng", "echo alive")).Output);
    }

    /// <summary>Numbers can be guessed: what comes for a channel that the target has not confirmed is for no channel.</summary>
    [Fact]
    public async Task Threat42_NothingRunsOnAChannelThatIsNotConfirmed()
    {
        await using var client = await RawClient.LogInAsync(gateway, "bot+web1");
        await client.SendAsync(Say.Open(0));

        var end = await client.EndAfterAsync([Say.Exec(0, $"touch {gateway.Files}/in/early")]);

        Assert.Equal((SshOutcome.PeerDisconnected, DisconnectReason.ProtocolError), end);
    }

    [Theory]
    [InlineData("before authentication")]
    [InlineData("instead of a service")]
    public async Task Threat42_NothingOfAConnectionBeforeAuthentication(string when)
    {
        await using var client = await RawClient.ConnectAsync(gateway);
        await client.StartAsync();
        if (when == "before authentication")
        {
            await client.SendAsync(new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth"));
            await client.UntilAsync(MessageNumber.ServiceAccept);
        }

        var end = await client.EndAfterAsync([Say.Open(0), Say.Exec(0, $"touch {gateway.Files}/unproved")]);

        Assert.Equal(SshOutcome.PeerDisconnected, end.Outcome);
        Assert.False(File.Exists(gateway.Files + "/unproved"));
    }

    [Fact]
    public async Task Threat44_ThreeHundredChannelsAreSixtyFour()
    {
        await using var client = await RawClient.LogInAsync(gateway);
        for (uint number = 0; number < 300; number++)
            await client.SendAsync(Say.Open(number));

        var answers = new List<byte[]>();
        while (answers.Count < 300)
        {
            if (await client.ReadAsync() is [91 or 92, ..] answer)
                answers.Add(answer);
        }

        Assert.Equal(64, answers.Count(static a => a[0] == (byte)MessageNumber.ChannelOpenConfirmation));
        Assert.All(answers.Where(static a => a[0] == (byte)MessageNumber.ChannelOpenFailure), static a => Assert.Equal(4u, Say.NumberAt(a, 1)));
        await client.SendAsync(Say.Exec(Say.NumberAt(answers[0], 1), "echo still"));
        Assert.Equal("still\n", await client.OutputAsync());
    }

    /// <summary>Replies have no names: the client tells them apart by their order (RFC 4254 §5.4), which a decision must not change.</summary>
    [Fact]
    public async Task Threat53_RepliesComeInTheOrderOfTheRequests()
    {
        await using var client = await RawClient.LogInAsync(gateway);
        var channel = await client.OpenAsync();

        await client.SendAsync(Say.Request(channel, "env").String("LANG").String("C"), Say.Exec(channel, "sleep 60"), Say.Exec(channel, "id"),
            Say.Request(channel, "env").String("PATH").String("/tmp"), Say.Request(channel, "x11-req"));

        Assert.Equal(
            [
                MessageNumber.ChannelSuccess, MessageNumber.ChannelSuccess, MessageNumber.ChannelFailure, MessageNumber.ChannelFailure,
                MessageNumber.ChannelFailure,
            ],
            await client.NumbersAsync(5));
    }

    [Fact]
    public async Task Threat53_GlobalRepliesComeInTheOrderOfTheRequests()
    {
        await using var client = await RawClient.LogInAsync(gateway, "bot+web1");

        await client.SendAsync(Say.Global("tcpip-forward").String("localhost").UInt32((uint)gateway.BackPort), Say.Global("keepalive@openssh.com"),
            Say.Global("tcpip-forward").String("localhost").UInt32(22), Say.Global("keepalive@openssh.com"));

        Assert.Equal([MessageNumber.RequestSuccess, MessageNumber.RequestFailure, MessageNumber.RequestFailure, MessageNumber.RequestFailure],
            await client.NumbersAsync(4));
    }

    /// <summary>Replies that cannot be sent, because output waits before them, do not pile up.</summary>
    [Fact]
    public async Task Threat44_AFloodOfRequestsWhoseRepliesWaitIsCut()
    {
        var (client, target, channel) = await gateway.Targets.RunAsync(gateway, window: 0);
        await using var first = client;
        await using var second = target;
        await target.SendAsync(Say.Data(channel, 1), Say.Global("keepalive@openssh.com"));
        await target.UntilAsync(MessageNumber.RequestFailure);

        var end = await client.EndAfterAsync(Enumerable.Range(0, 1000).Select(_ => Say.Request(channel, "env").String("BASH_ENV").String("x")));

        Assert.Equal((SshOutcome.PeerDisconnected, DisconnectReason.ProtocolError), end);
    }

    [Fact]
    public async Task Threat44_AFloodOfForwardRequestsIsCut()
    {
        await using var client = await RawClient.LogInAsync(gateway, "bot+web1");

        await client.TrySendAsync(Enumerable.Range(0, 5000).Select(_ => Say.Global("tcpip-forward", wantsReply: false).String("localhost").UInt32(22)));

        await client.TrySendAsync([Say.Global("keepalive@openssh.com")]);
        await client.Transport.ReadAsync(default);
        Assert.Equal("alive\n", (await gateway.SshAsync("eng", "echo alive")).Output);
    }

    [Fact]
    public async Task Threat45To48_WhatIsNotPassedOnIsRefusedAndTheSessionGoesOn()
    {
        await using var client = await RawClient.LogInAsync(gateway);
        var channel = await client.OpenAsync();
        SshWriter[] requests =
        [
            Say.Request(channel, "env").String("LD_PRELOAD").String("/tmp/evil.so"),
            Say.Request(channel, "x11-req").Boolean(false).String("").String("").UInt32(0),
            Say.Request(channel, "auth-agent-req@openssh.com"), Say.Request(channel, "no-such-thing@example.com"),
            Say.Request(channel, new string('x', 5000)),
        ];
        SshWriter[] globals = [Say.Global("streamlocal-forward@openssh.com").String("/tmp/socket"), Say.Global("no-such-thing@example.com")];
        string[] types =
        [
            "direct-streamlocal@openssh.com", "tun@openssh.com", "x11", "auth-agent@openssh.com", "forwarded-tcpip", "no-such-thing@example.com",
        ];

        foreach (var request in requests)
        {
            await client.SendAsync(request);
            Assert.Equal([MessageNumber.ChannelFailure], await client.NumbersAsync(1));
        }
        foreach (var global in globals)
        {
            await client.SendAsync(global);
            Assert.Equal([MessageNumber.RequestFailure], await client.NumbersAsync(1));
        }
        foreach (var type in types)
        {
            await client.SendAsync(Say.Open(9, type).String("/tmp/socket").String("").UInt32(0));
            Assert.Equal([MessageNumber.ChannelOpenFailure], await client.NumbersAsync(1));
        }

        await client.SendAsync(Say.Exec(channel, "echo still"));
        Assert.Equal("still\n", await client.OutputAsync());
    }

    /// <summary>What the client said behind its own end reaches nobody, whether or not the rest waited.</summary>
    [Theory]
    [InlineData(0u)]
    [InlineData(Say.Window)]
    public async Task Threat44_NothingPassesBehindAnEnd(uint targetWindow)
    {
        var (client, target, channel) = await gateway.Targets.RunAsync(gateway, targetWindow: targetWindow);
        await using var first = client;
        await using var second = target;

        await client.SendAsync(Say.Data(channel, 1, (byte)'a'), Say.Of(MessageNumber.ChannelEof, channel), Say.Data(channel, 1, (byte)'b'),
            Say.Of(MessageNumber.ChannelEof, channel), Say.Of(MessageNumber.ChannelClose, channel), Say.Data(channel, 1, (byte)'c'));
        // The gateway has seen all of it when it answers.
        await client.SendAsync(Say.Global("keepalive@openssh.com"));
        await client.UntilAsync(MessageNumber.RequestFailure);
        await target.SendAsync(Say.Adjust(channel, 1000), Say.Global("keepalive@openssh.com"));

        var seen = new List<byte[]>();
        while (seen.Count == 0 || seen[^1][0] != (byte)MessageNumber.RequestFailure)
            seen.Add(await target.ReadAsync());
        Assert.DoesNotContain(seen, static m => m[0] == (byte)MessageNumber.ChannelData && m[^1] != (byte)'a');
        Assert.Single(seen, static m => m[0] == (byte)MessageNumber.ChannelData);
        Assert.Single(seen, static m => m[0] == (byte)MessageNumber.ChannelEof);
        Assert.Single(seen, static m => m[0] == (byte)MessageNumber.ChannelClose);
    }

    /// <summary>One client that does not read: neither a window of nothing nor a full connection costs more than a window of memory.</summary>
    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    public async Task Threat44_AStalledClientCostsAWindowAndNobodyWaitsForIt(uint window)
    {
        Assert.Equal("before\n", (await gateway.SshAsync("eng", "echo before")).Output);
        var before = gateway.Memory();
        await using var client = await RawClient.LogInAsync(gateway);
        await client.RunAsync("head -c 300000000 /dev/zero", window);

        for (var i = 0; i < 5; i++)
            Assert.Equal("beside\n", (await gateway.SshAsync("eng", "echo beside")).Output);

        Assert.InRange(gateway.Memory(), 0, before + (48L << 20));
    }
}
