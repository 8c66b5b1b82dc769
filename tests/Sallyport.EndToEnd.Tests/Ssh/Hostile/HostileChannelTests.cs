using System.Text;
using System.Text.Json;
using Sallyport.Ssh;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>What must not pass, wait or be asked on channels, in an order that no ordinary program has.</summary>
[Collection(nameof(SshGateway))]
public sealed class HostileChannelTests(SshGateway gateway)
{
    private static readonly byte[] UnknownHandle = [0, 0, 0, 9, 4, 0, 0, 0, 1, 0, 0, 0, 0];

    /// <summary>
    /// Servers of the kind of Go's keep what comes before a command and give it to that: SFTP that nobody decided, input that nobody recorded.
    /// </summary>
    [Fact]
    public async Task Threat46_NothingPassesToWhatDoesNotRunYet()
    {
        var (client, target) = await gateway.Targets.JoinAsync(gateway);
        await using var first = client;
        await using var second = target;
        var opening = client.OpenAsync();
        await target.ConfirmAsync();
        var channel = await opening;

        var end = await client.EndAfterAsync([Say.Data(channel, 1), Say.Request(channel, "subsystem").String("sftp")]);

        Assert.Equal((SshOutcome.PeerDisconnected, DisconnectReason.ProtocolError), end);
        while (await target.Transport.ReadAsync(default))
            Assert.NotEqual((byte)MessageNumber.ChannelData, target.Transport.Message.Span[0]);
    }

    /// <summary>What a target says before anything runs is neither recorded nor masked.</summary>
    [Fact]
    public async Task Threat49_NothingPassesFromWhatDoesNotRunYet()
    {
        var (client, target) = await gateway.Targets.JoinAsync(gateway);
        await using var first = client;
        await using var second = target;
        var opening = client.OpenAsync();
        var channel = await target.ConfirmAsync();
        await opening;

        await target.TrySendAsync([Say.Data(channel, 1)]);

        while (await client.Transport.ReadAsync(default))
            Assert.NotEqual((byte)MessageNumber.ChannelData, client.Transport.Message.Span[0]);
        Assert.Equal(SshOutcome.PeerDisconnected, client.Transport.Outcome);
    }

    /// <summary>Resolvers that stop at a space or a NUL would connect elsewhere than where the rule looked.</summary>
    [Theory]
    [InlineData("127.0.0.1 x.internal")]
    [InlineData("127.0.0.1\0.internal")]
    [InlineData("127.0.0.1\n")]
    [InlineData("\u212Aey.internal")]
    public async Task Threat45_ADestinationThatIsReadInTwoWaysIsRefused(string host)
    {
        await using var client = await RawClient.LogInAsync(gateway);

        await client.SendAsync(Say.Open(0, "direct-tcpip").String(host).UInt32(22).String("").UInt32(0));
        Assert.Equal([MessageNumber.ChannelOpenFailure], await client.NumbersAsync(1));
        await client.SendAsync(Say.Global("tcpip-forward").String(host).UInt32(0));
        Assert.Equal([MessageNumber.RequestFailure], await client.NumbersAsync(1));
    }

    /// <summary>The close came before anybody could be asked; approvers would have seen a command that nobody waits for.</summary>
    [Fact]
    public async Task AHeldCommandIsTakenBackByACloseInTheSameBreath()
    {
        await using var client = await RawClient.LogInAsync(gateway, "bot+web1");
        var channel = await client.OpenAsync();
        Assert.True(client.Transport.TryWrite(Say.Exec(channel, "touch /tmp/closed-at-once").Written));
        Assert.True(client.Transport.TryWrite(Say.Of(MessageNumber.ChannelClose, channel).Written));
        Assert.True(await client.Transport.FlushAsync(default));
        await client.UntilAsync(MessageNumber.ChannelClose);

        var next = await client.OpenAsync(1);
        await client.SendAsync(Say.Exec(next, "touch /tmp/still-wanted"));
        await gateway.HoldAsync("touch /tmp/still-wanted");

        var list = (await gateway.SallyportAsync("approvals", "list", "--json")).OrThrow("approvals list").Output;
        Assert.Single(JsonDocument.Parse(list).RootElement.EnumerateArray());
    }

    /// <summary>Ctrl-C came before there was a hold to take back, and was lost: behind a command with a terminal, and a line in command mode.</summary>
    [Theory]
    [InlineData("bot+web1", "exec")]
    [InlineData("ops+web1", "a line in one message")]
    [InlineData("ops+web1", "a line in two messages")]
    public async Task CtrlCInTheSameBreathTakesAHeldCommandBack(string login, string what)
    {
        await using var client = await RawClient.LogInAsync(gateway, login);
        var channel = await client.OpenAsync();
        await client.SendAsync(Say.Request(channel, "pty-req").String("xterm").UInt32(80).UInt32(24).UInt32(0).UInt32(0).String(""));
        await client.UntilAsync(MessageNumber.ChannelSuccess);
        var file = $"/tmp/interrupted-{Guid.NewGuid():N}";
        if (what != "exec")
        {
            await client.SendAsync(Say.Request(channel, "shell"));
            await client.UntilAsync(MessageNumber.ChannelData);
        }
        SshWriter[] messages = what switch
        {
            "exec" => [Say.Exec(channel, $"touch {file}"), Bytes(channel, [3])],
            "a line in one message" => [Bytes(channel, Encoding.ASCII.GetBytes($"touch {file}\r\u0003"))],
            _ => [Bytes(channel, Encoding.ASCII.GetBytes($"touch {file}\r")), Bytes(channel, [3])],
        };
        foreach (var message in messages)
            Assert.True(client.Transport.TryWrite(message.Written));
        Assert.True(await client.Transport.FlushAsync(default));

        // Refused: the channel's end, or the next prompt.
        await SeeAsync(client, "[126] ");
        var list = (await gateway.SallyportAsync("approvals", "list", "--json")).OrThrow("approvals list").Output;
        Assert.DoesNotContain(file, list, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    /// <summary>A byte of SFTP that a terminal would take for Ctrl-C takes nothing back.</summary>
    [Fact]
    public async Task AByteOfSftpIsNoCtrlC()
    {
        await using var client = await RawClient.LogInAsync(gateway, "bot+web1");
        var channel = await client.OpenAsync();
        await client.SendAsync(Say.Request(channel, "pty-req").String("xterm").UInt32(80).UInt32(24).UInt32(0).UInt32(0).String(""));
        await client.SendAsync(Say.Request(channel, "subsystem").String("sftp"));
        await client.UntilAsync(MessageNumber.ChannelSuccess);
        await client.UntilAsync(MessageNumber.ChannelSuccess);
        var name = $"{gateway.Files}/held/{Guid.NewGuid():N}";
        var mkdir = new SshWriter().Bytes([0, 0, 0, 5, 1, 0, 0, 0, 3]).UInt32(13 + (uint)name.Length).Byte(14).UInt32(1).String(name).UInt32(0);

        await client.SendAsync(Bytes(channel, mkdir.Written.ToArray()));
        var hold = await gateway.HoldAsync(name);
        await client.SendAsync(Bytes(channel, [0, 0, 0, 9, 3]));

        (await gateway.SallyportAsync("approvals", "reject", hold)).OrThrow("reject");
    }

    /// <summary>Answers of the gateway's own were piled up for a client that reads none, as long as it sent requests.</summary>
    [Fact]
    public async Task Threat44_WhoReadsNoSftpAnswersMayAskForAWindowOfThem()
    {
        await using var client = await RawClient.LogInAsync(gateway);
        var channel = await client.OpenAsync(window: 0);
        await client.SendAsync(Say.Request(channel, "subsystem").String("sftp"));
        await client.UntilAsync(MessageNumber.ChannelSuccess);
        await client.SendAsync(Bytes(channel, [0, 0, 0, 5, 1, 0, 0, 0, 3]));
        byte[] requests = [.. Enumerable.Range(0, 2400).SelectMany(static _ => UnknownHandle)];

        for (var sent = 0; sent < 60; sent++)
            await client.SendAsync(Bytes(channel, requests));
        await client.SendAsync(Say.Global("keepalive@openssh.com"));

        while (await client.ReadAsync() is var message && message[0] != (byte)MessageNumber.RequestFailure)
            Assert.NotEqual((byte)MessageNumber.ChannelWindowAdjust, message[0]);
        await client.SendAsync(Say.Adjust(channel, uint.MaxValue));
        await client.UntilAsync(MessageNumber.ChannelWindowAdjust);
    }

    /// <summary>Each operation that is decided leaves the others waiting in their order.</summary>
    [Fact]
    public async Task ManyOperationsAtOnceAreAnsweredEach()
    {
        await using var client = await RawClient.LogInAsync(gateway);
        var channel = await client.OpenAsync();
        await client.SendAsync(Say.Request(channel, "subsystem").String("sftp"));
        await client.UntilAsync(MessageNumber.ChannelSuccess);
        var requests = new SshWriter().Bytes([0, 0, 0, 5, 1, 0, 0, 0, 3]);
        for (uint id = 0; id < 3000; id++)
            requests.UInt32(13).Byte(17).UInt32(id).String("/tmp");
        foreach (var part in requests.Written.ToArray().Chunk(32_000))
            await client.SendAsync(Bytes(channel, part));

        var answers = new List<byte>();
        var ids = new List<uint>();
        while (ids.Count < 3000)
        {
            answers.AddRange((await client.UntilAsync(MessageNumber.ChannelData)).Skip(9));
            while (answers.Count >= 4 && answers.Count >= 4 + Number(answers, 0))
            {
                if (answers[4] == 105)
                    ids.Add(Number(answers, 5));
                answers.RemoveRange(0, 4 + (int)Number(answers, 0));
            }
        }
        Assert.Equal(Enumerable.Range(0, 3000).Select(static i => (uint)i), ids);

        static uint Number(List<byte> bytes, int at) => ((uint)bytes[at] << 24) | ((uint)bytes[at + 1] << 16) | ((uint)bytes[at + 2] << 8) | bytes[at + 3];
    }

    /// <summary>Who has no proof yet may not take all the places that the target's sshd has for those who begin (its MaxStartups).</summary>
    [Fact]
    public async Task Threat44_ClientsWithoutAProofTakeAFewOfATargetsPlaces()
    {
        var most = new SshSessionOptions().MaxEarlyDials;
        var clients = new List<RawClient>();
        var dialled = new List<RawTarget>();
        for (var i = 0; i < most + 4; i++)
        {
            var client = await RawClient.ConnectAsync(gateway);
            clients.Add(client);
            await client.StartAsync();
            await client.SendAsync(new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth"),
                new SshWriter().Begin(MessageNumber.UserAuthRequest).String("eng+scripted").String("ssh-connection").String("none"));
            await client.UntilAsync(MessageNumber.UserAuthFailure);
        }
        for (var i = 0; i < most; i++)
            dialled.Add(await gateway.Targets.AcceptAsync());

        // The next connection is that of a client with a proof: none of the others has one, or it would wait for its keys for ever.
        var (proved, target) = await gateway.Targets.JoinAsync(gateway);

        foreach (var peer in (IEnumerable<RawPeer>)[proved, target, .. clients, .. dialled])
            await peer.DisposeAsync();
    }

    /// <summary>THREATS 55: what a refused command ends with, in the order in which a command's own end comes.</summary>
    [Fact]
    public async Task Threat55_ARefusedCommandEndsInTheOrderOfOne()
    {
        await using var client = await RawClient.LogInAsync(gateway, "bot+web1");
        var channel = await client.OpenAsync();

        await client.SendAsync(Say.Exec(channel, "rm -rf /tmp/nothing-there"), Say.Data(channel, 5), Say.Of(MessageNumber.ChannelEof, channel));

        Assert.Equal(
            [
                MessageNumber.ChannelSuccess, MessageNumber.ChannelExtendedData, MessageNumber.ChannelRequest, MessageNumber.ChannelEof,
                MessageNumber.ChannelClose,
            ],
            await client.NumbersAsync(5));
    }

    /// <summary>Reads until the text was shown, or the channel closed.</summary>
    private static async Task SeeAsync(RawClient client, string text)
    {
        var seen = new StringBuilder();
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            var message = await client.ReadAsync();
            if (message[0] == (byte)MessageNumber.ChannelClose)
                return;
            if (message[0] == (byte)MessageNumber.ChannelData)
                seen.Append(Encoding.UTF8.GetString(message.AsSpan(9)));
        }
    }

    private static SshWriter Bytes(uint channel, byte[] data) =>
        new SshWriter(data.Length + 16).Begin(MessageNumber.ChannelData).UInt32(channel).String(data);
}
