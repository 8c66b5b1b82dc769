using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>Either peer is gone without a word, at every step; or the gateway itself.</summary>
[Collection(nameof(SshGateway))]
public sealed class GoneTests(SshGateway gateway)
{
    [Theory]
    [InlineData("at once", "cannot reach")]
    [InlineData("after the keys", "cannot reach")]
    [InlineData("in the authentication", "cannot reach")]
    [InlineData("in the session", "the target closed the connection")]
    [InlineData("in the output", "the target closed the connection")]
    public async Task ATargetThatIsGoneEndsTheSessionWithWords(string when, string words)
    {
        var running = gateway.SshAsync("eng", [], "anything", resource: "scripted");
        await using var target = await gateway.Targets.AcceptAsync();
        if (when == "after the keys")
        {
            await target.StartAsync();
        }
        else if (when == "in the authentication")
        {
            await target.StartAsync();
            await target.UntilAsync(MessageNumber.ServiceRequest);
        }
        else if (when != "at once")
        {
            await target.LetInAsync();
            if (when == "in the output")
                await target.SendAsync(Say.Data(await target.RunAsync(), 30_000));
            else
                await target.ConfirmAsync();
        }

        target.Cut();

        var result = await running;
        Assert.Equal(255, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
        Assert.True(await gateway.LastEndAsync() is "upstream_lost" or "upstream_closed");
    }

    [Fact]
    public async Task ATargetThatIsGoneTakesAHeldCommandWithIt()
    {
        var running = gateway.SshAsync("bot", [], "touch gone-while-held", resource: "scripted");
        await using var target = await gateway.Targets.AcceptAsync();
        await target.LetInAsync();
        await target.ConfirmAsync();
        var hold = await gateway.HoldAsync("touch gone-while-held");

        target.Cut();

        Assert.Equal(255, (await running).ExitCode);
        Assert.True(await gateway.LastEndAsync() is "upstream_lost" or "upstream_closed");
        Assert.NotEqual(0, (await gateway.SallyportAsync("approvals", "approve", hold, "--yes")).ExitCode);
    }

    /// <summary>A target that accepts connections and says nothing: the client hears of it, long before its own patience ends.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ATargetThatIsSilentIsGivenUp(bool hasKeys)
    {
        var running = gateway.SshAsync("eng", [], "anything", resource: "scripted");
        await using var target = await gateway.Targets.AcceptAsync();
        if (hasKeys)
            await target.StartAsync();

        var result = await running;

        Assert.Equal(255, result.ExitCode);
        Assert.Contains("scripted did not answer in time", result.Error, StringComparison.Ordinal);
        Assert.Equal("upstream_lost", await gateway.LastEndAsync());
    }

    [Theory]
    [InlineData("before a version")]
    [InlineData("after the keys")]
    [InlineData("in the authentication")]
    [InlineData("in the session")]
    [InlineData("in the output")]
    [InlineData("in an upload")]
    public async Task AClientThatIsGoneLeavesNothingBehind(string when)
    {
        var (client, target) = await BeginAsync(when);
        await using (target)
        {
            client.Cut();
            await client.DisposeAsync();

            // Whatever was opened towards the target is closed.
            while (target is not null && await target.Transport.ReadAsync(default))
            {
            }
        }
        if (when.StartsWith("in the session", StringComparison.Ordinal))
            Assert.Equal("client_closed", await gateway.LastEndAsync());
        Assert.Equal("alive\n", (await gateway.SshAsync("eng", "echo alive")).Output);
        Assert.DoesNotContain(" failed", gateway.Gateway.Log, StringComparison.Ordinal);
    }

    /// <summary>kill -9 in the middle: what was shown is in the recording, which begins where it was left.</summary>
    [Fact]
    public async Task AKilledGatewayLeavesARecording()
    {
        var own = new SshGateway();
        await own.InitializeAsync();
        try
        {
            await using (var client = await RawClient.LogInAsync(own))
            {
                await client.RunAsync("echo shown-before-the-end; sleep 60");
                Assert.Equal("shown-before-the-end\n", Encoding.ASCII.GetString((await client.UntilAsync(MessageNumber.ChannelData)).AsSpan(9)));
                await Task.Delay(TimeSpan.FromSeconds(2));
                await own.Gateway.KillAsync();
            }
            await own.RestartAsync();

            Assert.Contains("echo shown-before-the-end; sleep 60", await own.LastRecordingAsync(), StringComparison.Ordinal);
            Assert.Contains("shown-before-the-end\\n", await own.LastRecordingAsync(), StringComparison.Ordinal);
            Assert.Equal("back\n", (await own.SshAsync("eng", "echo back")).Output);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private async Task<(RawClient Client, RawTarget? Target)> BeginAsync(string when)
    {
        if (when is "in the session")
            return await gateway.Targets.JoinAsync(gateway);
        if (when is "in the output" or "in an upload")
        {
            var (running, other, channel) = await gateway.Targets.RunAsync(gateway, targetWindow: 0);
            RawPeer talker = when == "in an upload" ? running : other;
            await talker.SendAsync(Say.Data(channel, 30_000), Say.Data(channel, 30_000));
            return (running, other);
        }
        var client = await RawClient.ConnectAsync(gateway);
        if (when == "before a version")
            return (client, null);
        await client.StartAsync();
        if (when == "after the keys")
            return (client, null);
        await client.SendAsync(new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth"),
            new SshWriter().Begin(MessageNumber.UserAuthRequest).String("eng+scripted").String("ssh-connection").String("none"));
        await client.UntilAsync(MessageNumber.UserAuthFailure);
        var target = await gateway.Targets.AcceptAsync();
        await target.StartAsync();
        return (client, target);
    }
}
