using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>
/// A target that breaks off or lies while a line of command mode runs. The shell says so and goes on where it can; what is typed
/// meanwhile runs nowhere undecided.
/// </summary>
[Collection(nameof(SshGateway))]
public sealed class CommandModeTargetTests(SshGateway gateway)
{
    private static readonly Dictionary<string, Func<ScriptedShell, uint, SshWriter[]>> Breaches = new()
    {
        ["data before the confirmation"] = static (_, c) => [Say.Data(c, 1)],
        ["a window before the confirmation"] = static (_, c) => [Say.Adjust(c, 1)],
        ["a success before the confirmation"] = static (_, c) => [Say.Of(MessageNumber.ChannelSuccess, c)],
        ["CLOSE before the confirmation"] = static (_, c) => [Say.Of(MessageNumber.ChannelClose, c)],
        ["a second confirmation"] = static (_, c) => [Say.Confirm(c, 8), Say.Confirm(c, 9)],
        ["a failure of what is open"] = static (_, c) => [Say.Confirm(c, 8), Say.Of(MessageNumber.ChannelOpenFailure, c).UInt32(1).String("no").String("")],
        ["a second success"] = static (_, c) => [Say.Confirm(c, 8), Say.Of(MessageNumber.ChannelSuccess, c), Say.Of(MessageNumber.ChannelSuccess, c)],
        ["a failure after the success"] = static (_, c) => [Say.Confirm(c, 8), Say.Of(MessageNumber.ChannelSuccess, c), Say.Of(MessageNumber.ChannelFailure, c)],
        ["CLOSE twice"] = static (_, c) => [Say.Confirm(c, 8), Say.Of(MessageNumber.ChannelClose, c), Say.Of(MessageNumber.ChannelClose, c)],
        ["a window that wraps"] = static (_, c) => [Say.Confirm(c, 8), Say.Adjust(c, uint.MaxValue), Say.Adjust(c, uint.MaxValue)],
        ["a message longer than was allowed"] = static (_, c) => [Say.Confirm(c, 8), Say.Data(c, 40000)],
        ["the line that comes next"] = static (_, c) => [Say.Confirm(c, 8), Say.Data(c + 1, 1)],
        ["output of the shell's own channel"] = static (s, c) => [Say.Confirm(c, 8), Say.Data(s.Idle, 1)],
        ["errors of the shell's own channel"] = static (s, c) =>
            [Say.Confirm(c, 8), Say.Of(MessageNumber.ChannelExtendedData, s.Idle).UInt32(1).String("forged")],
        // The one to the request for the shell, which the gateway kept to itself, would be taken.
        ["answers to nothing on the shell's own channel"] = static (s, c) =>
            [Say.Confirm(c, 8), Say.Of(MessageNumber.ChannelSuccess, s.Idle), Say.Of(MessageNumber.ChannelSuccess, s.Idle)],
    };

    public static TheoryData<string> BreachNames => [.. Breaches.Keys];

    [Theory]
    [MemberData(nameof(BreachNames))]
    public async Task Threat49_ABreachEndsTheShellWithWords(string breach)
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        var channel = await shell.TypeAsync("echo a");

        await shell.Target.TrySendAsync(Breaches[breach](shell, channel));

        Assert.Equal(SshOutcome.PeerDisconnected, (await shell.Target.EndAsync()).Outcome);
        // By ssh itself, whose own output does not wait for the terminal.
        await shell.Client.ExpectAsync("Received disconnect");
        Assert.Equal(255, await shell.Client.ExitCodeAsync());
        Assert.Equal("upstream_lost", await gateway.LastEndAsync());
        Assert.Contains("protocol_violation", await gateway.LastRecordingAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATargetThatDiesInALineEndsTheShellWithWords()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        await shell.SayAsync(await shell.RunAsync("echo a"), "half");
        await shell.Client.ExpectAsync("half");
        await shell.Client.TypeAsync("echo never\r");

        shell.Target.Cut();

        await shell.Client.ExpectAsync("the target closed the connection");
        Assert.Equal(255, await shell.Client.ExitCodeAsync());
        Assert.True(await gateway.LastEndAsync() is "upstream_lost" or "upstream_closed");
        Assert.DoesNotContain("\"echo never\"", await gateway.LastRecordingAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALineThatEndsWithoutAStatusSaysSo()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        var line = await shell.RunAsync("echo a");
        await shell.SayAsync(line, "half");

        await shell.EndAsync(line, status: null);

        await shell.Client.ExpectAsync("half\r\n");
        await shell.Client.ExpectAsync("sallyport: the target ended it without a status\r\n");
        await shell.Client.ExpectAsync("[255] ops@scripted:~$ ");
        await shell.WorksAsync();
    }

    [Fact]
    public async Task ALineThatTheTargetHasNoChannelForSaysSo()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        var channel = await shell.TypeAsync("echo a");

        await shell.Target.SendAsync(Say.Of(MessageNumber.ChannelOpenFailure, channel).UInt32(4).String("\e]0;full\a").String(""));

        await shell.Client.ExpectAsync("sallyport: the target opens no channel for it: \\");
        await shell.Client.ExpectAsync("[126] ops@scripted:~$ ");
        Assert.DoesNotContain("\e]0;", shell.Client.Seen, StringComparison.Ordinal);
        await shell.WorksAsync();
    }

    [Fact]
    public async Task ALineThatTheTargetRefusesSaysSo()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        var channel = await shell.TypeAsync("echo a");
        await shell.Target.SendAsync(Say.Confirm(channel, 8), Say.Of(MessageNumber.ChannelFailure, channel));

        // The gateway closes the channel first, and once.
        Assert.Equal(8u, Say.NumberAt(await shell.Target.UntilAsync(MessageNumber.ChannelClose)));
        await shell.Target.SendAsync(Say.Of(MessageNumber.ChannelClose, channel));

        await shell.Client.ExpectAsync("sallyport: the target refused to run it");
        await shell.Client.ExpectAsync("[126] ops@scripted:~$ ");
        await shell.WorksAsync();
    }

    /// <summary>Where a line left the shell is taken from the one place that only its own wrapper can mark.</summary>
    [Theory]
    [InlineData("a nonce of somebody else's", "\u001e0123456789abcdef0123456789abcdef/evil\u001e/root\u001e", "~")]
    [InlineData("a nonce cut short", "\u001eHALF/evil\u001e/root\u001e", "~")]
    [InlineData("only the beginning", "\u001eNONCE/evil", "~")]
    [InlineData("no path", "\u001eNONCEevil\u001e/root\u001e", "~")]
    [InlineData("a path that drives terminals", "\u001eNONCE/\u001b]0;x\u0007\u001e/root\u001e", "~")]
    [InlineData("a path of two lines", "\u001eNONCE/a\necho b\u001e/root\u001e", "~")]
    [InlineData("one after the other", "\u001eNONCE/one\u001e/root\u001e\u001eNONCE/two\u001e/root\u001e", "/two")]
    [InlineData("one within the other", "\u001eNONCE/one\u001eNONCE/two\u001e/root\u001e", "/one")]
    [InlineData("with quotes", "\u001eNONCE/it's\u001e/root\u001e", "/it's")]
    public async Task Threat49_ATrailerThatLiesMovesNothingButTheDirectory(string what, string trailer, string place)
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        var line = await shell.RunAsync("cd /somewhere");
        Assert.Equal(32, line.Nonce.Length);

        await shell.SayAsync(line, trailer.Replace("NONCE", line.Nonce, StringComparison.Ordinal).Replace("HALF", line.Nonce[..16], StringComparison.Ordinal));
        await shell.EndAsync(line);

        await shell.Client.ExpectAsync($"ops@scripted:{place}$ ");
        Assert.True(!shell.Client.Seen.Contains("\e]0;x", StringComparison.Ordinal) || place == "~", what);
        // The next line says where it runs, in one word.
        var next = await shell.RunAsync("pwd");
        Assert.EndsWith($" 'pwd' '{(place == "~" ? "" : place.Replace("'", "'\\''", StringComparison.Ordinal))}' ''", next.Command);
        await shell.EndAsync(next);
    }

    /// <summary>Each line has a mark of its own, and one that cannot move has none.</summary>
    [Fact]
    public async Task Threat49_AnEarlierLinesMarkIsWorthNothing()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        var first = await shell.RunAsync("cd /somewhere");
        await shell.SayAsync(first, $"\u001e{first.Nonce}/somewhere\u001e/root\u001e");
        await shell.EndAsync(first);
        await shell.Client.ExpectAsync("ops@scripted:/somewhere$ ");

        foreach (var typed in (string[])["echo a", "cd /elsewhere"])
        {
            var line = await shell.RunAsync(typed);
            Assert.NotEqual(first.Nonce, line.Nonce);
            await shell.SayAsync(line, $"\u001e{first.Nonce}/evil\u001e/root\u001e\r\n");
            await shell.EndAsync(line);
            await shell.Client.ExpectAsync("ops@scripted:/somewhere$ ");
        }
    }

    /// <summary>What a target says without end fills one window, and nothing else; whoever leaves ends it.</summary>
    [Fact]
    public async Task Threat44_EndlessOutputThatNobodyReadsWaitsAtTheTarget()
    {
        var memory = gateway.Memory();
        var (client, target) = await gateway.Targets.JoinAsync(gateway, "ops+scripted");
        await using var first = client;
        await using var second = target;
        var opening = client.OpenAsync(window: 0);
        await target.ConfirmAsync();
        var channel = await opening;
        await client.SendAsync(Say.Request(channel, "shell"));
        await client.UntilAsync(MessageNumber.ChannelSuccess);
        await client.SendAsync(new SshWriter().Begin(MessageNumber.ChannelData).UInt32(channel).String("echo a\n"));
        var line = await target.ConfirmAsync(number: 8);
        await target.UntilAsync(MessageNumber.ChannelRequest);
        await target.SendAsync([Say.Of(MessageNumber.ChannelSuccess, line), .. Enumerable.Range(0, 64).Select(_ => Say.Data(line, 32768))]);

        // All of it arrived when what comes after it is answered, and the window was not widened.
        await target.SendAsync(Say.Global("keepalive@openssh.com"));
        Assert.Equal([MessageNumber.ChannelEof, MessageNumber.RequestFailure], [(MessageNumber)(await target.ReadAsync())[0], (MessageNumber)(await target.ReadAsync())[0]]);
        Assert.InRange(gateway.Memory() - memory, long.MinValue, 64L << 20);

        await client.SendAsync(Say.Of(MessageNumber.ChannelClose, channel));
        uint[] closed = [Say.NumberAt(await target.UntilAsync(MessageNumber.ChannelClose)), Say.NumberAt(await target.UntilAsync(MessageNumber.ChannelClose))];
        Assert.Equal([RawTarget.Number, 8u], closed.Order());
    }

    /// <summary>THREATS 53: the target's refusal of a variable was taken for that of the shell, which ended.</summary>
    [Fact]
    public async Task Threat53_ARefusalOfWhatCameWhileTheShellWasDecidedIsNotTheShells()
    {
        var (client, target) = await gateway.Targets.JoinAsync(gateway, "ops+scripted");
        await using var first = client;
        await using var second = target;
        var opening = client.OpenAsync();
        await target.ConfirmAsync();
        var channel = await opening;
        Assert.True(client.Transport.TryWrite(Say.Request(channel, "shell").Written));
        Assert.True(client.Transport.TryWrite(Say.Request(channel, "env").String("LANG").String("C").Written));
        Assert.True(await client.Transport.FlushAsync(default));

        await target.UntilAsync(MessageNumber.ChannelRequest);
        await target.SendAsync(Say.Of(MessageNumber.ChannelFailure, channel));

        Assert.Equal([MessageNumber.ChannelSuccess, MessageNumber.ChannelFailure], await client.NumbersAsync(2));
        await client.SendAsync(new SshWriter().Begin(MessageNumber.ChannelData).UInt32(channel).String("echo a\n"));
        await target.ConfirmAsync(number: 8);
    }

    [Fact]
    public async Task ATargetThatEndsTheShellsOwnChannelEndsTheShellWithWords()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);
        await shell.RunAsync("echo a");

        await shell.Target.SendAsync(Say.Request(shell.Idle, "exit-status", false).UInt32(0), Say.Of(MessageNumber.ChannelEof, shell.Idle));
        await shell.Target.SendAsync(Say.Of(MessageNumber.ChannelClose, shell.Idle));

        await shell.Client.ExpectAsync("sallyport: the target closed the shell's channel");
        Assert.Equal(255, await shell.Client.ExitCodeAsync());
        Assert.Equal("client_closed", await gateway.LastEndAsync());
    }

    /// <summary>The target's end of the shell's own channel says nothing about lines: their output is shown all the same.</summary>
    [Fact]
    public async Task AnEndOfTheShellsOwnChannelHidesNoOutput()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway);

        await shell.Target.SendAsync(Say.Of(MessageNumber.ChannelEof, shell.Idle));

        await shell.WorksAsync();
        await shell.WorksAsync();
    }

    /// <summary>New keys on both legs, asked for by both ends, while lines run.</summary>
    [Fact]
    public async Task NewKeysOnBothLegsWhileLinesRunLoseNothing()
    {
        await using var shell = await ScriptedShell.OpenAsync(gateway, "-v", "-o", "RekeyLimit=1M");
        for (var round = 0; round < 3; round++)
        {
            var line = await shell.RunAsync($"echo {round}");
            // Somebody reads meanwhile: new keys need both directions.
            var typed = shell.Target.UntilAsync(MessageNumber.ChannelData);
            for (var i = 0; i < 60; i++)
            {
                // Not more often than once in a megabyte, which would be a breach.
                if (i == 30)
                    shell.Target.Transport.Rekey();
                await shell.Target.SendAsync(Say.Data(line.Channel, 20_000, content: 1));
            }
            await shell.Client.TypeAsync($"typed-{round}");
            Assert.EndsWith($"typed-{round}", System.Text.Encoding.ASCII.GetString(await typed));
            await shell.SayAsync(line, $"\r\nend-{round}\r\n");
            await shell.EndAsync(line);
            await shell.Client.ExpectAsync($"end-{round}\r\n");
            await shell.Client.ExpectAsync("ops@scripted:~$ ");
        }
        await shell.WorksAsync();

        Assert.Equal(3_600_000, shell.Client.Seen.Count(static c => c == '\u0001'));
        Assert.InRange(shell.Client.Seen.Split("SSH2_MSG_NEWKEYS received").Length, 3, 100);
    }
}
