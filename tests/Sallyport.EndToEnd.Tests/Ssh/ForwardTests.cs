using Sallyport.EndToEnd.Tests.Ssh.Hostile;
using Sallyport.Ssh.Wire;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Forwarding: decided by destination, dialled by the target.</summary>
[Collection(nameof(SshGateway))]
public sealed class ForwardTests(SshGateway gateway)
{
    [Fact]
    public async Task ThroughTheTargetWhereARuleAllowsIt()
    {
        using var web = Greeter.Listen(gateway.WebPort);

        var result = await gateway.ShellAsync($"$SSH -W 127.0.0.1:{gateway.WebPort} bot+web1@gw < /dev/null");

        // The server speaks first: what it says must not overtake the news that the channel is open.
        Assert.Equal("hello from there\n", result.Output);
    }

    [Fact]
    public async Task BackFromTheTarget()
    {
        var local = FreePort.Next();
        using var here = Greeter.Listen(local);

        var result = await gateway.ShellAsync(
            $"$SSH -o ExitOnForwardFailure=yes -R 127.0.0.1:{gateway.BackPort}:127.0.0.1:{local} bot+web1@gw 'sleep 3' & sleep 1.5; exec 3<>/dev/null; " +
            $"python3 -c \"import socket; print(socket.create_connection(('127.0.0.1', {gateway.BackPort})).makefile().readline(), end='')\"; wait");

        Assert.Equal("hello from there\n", result.Output);
    }

    /// <summary>THREATS 45: default deny, and never a connection of the gateway's own.</summary>
    [Theory]
    [InlineData("169.254.169.254:80")]
    [InlineData("localhost:22")]
    [InlineData("[::1]:22")]
    [InlineData("127.0.0.1:1")]
    public async Task Threat45_OtherDestinationsAreProhibited(string destination)
    {
        var result = await gateway.SshAsync("bot", ["-W", destination], null);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("administratively prohibited", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat45_APortThatNoRuleGivesIsNotListenedOn()
    {
        var result = await gateway.SshAsync("bot", ["-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:127.0.0.1:22"], "echo a");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("remote port forwarding failed", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Whoever decides and whoever reads both come to record.</summary>
    [Fact]
    public async Task EachOfManyRefusalsIsRecordedOnce()
    {
        const int Rounds = 8, Many = 50;
        await using (var client = await RawClient.LogInAsync(gateway, "bot+web1"))
        {
            for (var round = 0; round < Rounds; round++)
            {
                await client.SendAsync([.. Enumerable.Range(0, Many).Select(static i =>
                    Say.Open((uint)i, "direct-tcpip").String("127.0.0.1").UInt32((uint)i + 1).String("127.0.0.1").UInt32(1))]);
                for (var i = 0; i < Many; i++)
                    await client.UntilAsync(MessageNumber.ChannelOpenFailure);
            }
        }

        Assert.Equal("client_closed", await gateway.LastEndAsync());
        var recording = await gateway.LastRecordingAsync();
        Assert.Equal(Rounds * Many, recording.Split('\n').Count(static l => l.Contains("\"channel_refused\"", StringComparison.Ordinal)));
    }

    /// <summary>SOCKS: each connection is a channel of its own with its destination, decided by itself.</summary>
    [Fact]
    public async Task Threat45_EachDestinationOfASocksProxyIsDecidedAndRecorded()
    {
        using var web = Greeter.Listen(gateway.WebPort);
        var otherPort = FreePort.Next();
        using var other = Greeter.Listen(otherPort);
        var socks = FreePort.Next();
        var curl = $"curl -sS --http0.9 --max-time 30 --socks5-hostname 127.0.0.1:{socks}";

        var result = await gateway.ShellAsync($"""
            C="$SSH -o ControlPath=$HERE/socks -o ControlMaster=auto -o ExitOnForwardFailure=yes"
            $C -fN -D 127.0.0.1:{socks} bot+web1@gw 2> $HERE/socks.log || exit
            {curl} http://127.0.0.1:{gateway.WebPort}/; echo $?
            for to in 127.0.0.1:{otherPort} localhost:{gateway.WebPort} 169.254.169.254:80 [::1]:{gateway.WebPort}; do
              {curl} http://$to/ 2> /dev/null; echo $?
            done
            {curl} http://127.0.0.1:{gateway.WebPort}/; echo $?
            $C -O exit bot+web1@gw 2> /dev/null
            """);

        // 97 is curl's word for a proxy that did not connect.
        Assert.Equal("hello from there\n0\n97\n97\n97\n97\nhello from there\n0\n", result.Output);
        var recording = await gateway.LastRecordingAsync();
        Assert.Equal(2, Lines("\"channel_opened\"", $"\"127.0.0.1:{gateway.WebPort}\""));
        foreach (var denied in (string[])[$"127.0.0.1:{otherPort}", $"localhost:{gateway.WebPort}", "169.254.169.254:80", $"[::1]:{gateway.WebPort}"])
            Assert.Equal(1, Lines("\"channel_refused\"", $"\"{denied}\""));

        int Lines(params string[] parts) => recording.Split('\n').Count(l => parts.All(p => l.Contains(p, StringComparison.Ordinal)));
    }
}
