using System.Text.RegularExpressions;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Commands by OpenSSH's own client: decided before the target sees them, their streams and their ends as without a gateway.</summary>
[Collection(nameof(SshGateway))]
public sealed class ExecTests(SshGateway gateway)
{
    [Fact]
    public async Task OutputErrorAndStatusAreTheCommandsOwn()
    {
        var result = await gateway.SshAsync("eng", "echo out; echo err >&2; exit 7");

        Assert.Equal((7, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    /// <summary>THREATS 54.</summary>
    [Fact]
    public async Task Threat54_OutputErrorAndInputAreRecordedEach()
    {
        await gateway.SshAsync("eng", "cat; echo on-error >&2; echo on-output", "on-input\n");

        var lines = (await gateway.LastRecordingAsync()).Split('\n');
        Assert.Contains(lines, static l => l.Contains("\"kind\":\"input\"", StringComparison.Ordinal) && l.Contains("on-input", StringComparison.Ordinal));
        Assert.Contains(lines, static l => l.Contains("\"kind\":\"error\"", StringComparison.Ordinal) && l.Contains("on-error", StringComparison.Ordinal));
        Assert.Contains(lines, static l => l.Contains("\"kind\":\"output\"", StringComparison.Ordinal) && l.Contains("on-output", StringComparison.Ordinal));
    }

    [Fact]
    public async Task InputEndsWhereTheClientEndsIt()
    {
        var result = await gateway.ShellAsync("head -c 5000000 /dev/urandom > $HERE/five && $SSH eng+web1@gw sha256sum < $HERE/five && sha256sum < $HERE/five");

        var lines = result.OrThrow("ssh").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines[0], lines[1]);
    }

    [Fact]
    public async Task ThirtyMegabytesEachWayWithNewKeysEachMegabyte()
    {
        var result = await gateway.ShellAsync(
            "head -c 30000000 /dev/urandom > $HERE/thirty && $SSH -o RekeyLimit=1M eng+web1@gw cat < $HERE/thirty | cmp - $HERE/thirty && echo same");

        Assert.Equal("same\n", result.OrThrow("ssh").Output);
    }

    [Fact]
    public async Task ADeniedCommandSaysWhyAndEndsWith126()
    {
        var result = await gateway.SshAsync("bot", $"rm -rf {gateway.Files}");

        Assert.Equal((126, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("sallyport: refused by rule \"no-rm\": Nothing is removed by hand.", result.Error);
        Assert.True(Directory.Exists(gateway.Files));
    }

    [Theory]
    [InlineData("echo a; rm -rf /tmp/nothing-there")]
    [InlineData("echo a | tee /dev/null; ls")]
    public async Task EveryCommandOfALineMustBeAllowed(string line) => Assert.Equal(126, (await gateway.SshAsync("bot", line)).ExitCode);

    /// <summary>THREATS 51: what cannot be read is not allowed by what it looks like.</summary>
    [Theory]
    [InlineData("echo $(id)")]
    [InlineData("r\"m\" -r'f' /tmp/nothing-there")]
    [InlineData("echo a > /tmp/x")]
    [InlineData("bash -c 'echo a'")]
    [InlineData("env -S 'echo a'")]
    [InlineData("echo a\nrm -rf /tmp/nothing-there")]
    [InlineData("$(echo cm0gLXJmIC90bXAveA==|base64 -d)")]
    public async Task Threat51_ObfuscatedLinesAreDenied(string line)
    {
        var result = await gateway.SshAsync("bot", line);

        Assert.Equal((126, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task AnOpaqueLinePassesByItsExactText()
    {
        Assert.Equal("done\n", (await gateway.SshAsync("bot", "echo $((6*7)) > /dev/null; echo done")).Output);
        Assert.Equal(126, (await gateway.SshAsync("bot", "echo $((6*7)) > /dev/null;  echo done")).ExitCode);
    }

    [Fact]
    public async Task ACommandThatDiesBySignalSaysSo()
    {
        var result = await gateway.SshAsync("eng", "kill -TERM $$");

        Assert.Equal(255, result.ExitCode);
    }

    /// <summary>THREATS 47.</summary>
    [Fact]
    public async Task Threat47_VariablesThatChangeWhatRunsAreNotPassedOn()
    {
        var result = await gateway.ShellAsync("LD_PRELOAD_X=1 BASH_ENV=/tmp/evil LC_TEST=fine TZ=UTC $SSH -o SendEnv='BASH_ENV LC_TEST TZ' eng+web1@gw env");

        Assert.Contains("LC_TEST=fine", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("BASH_ENV", result.Output, StringComparison.Ordinal);
    }

    /// <summary>THREATS 48.</summary>
    [Fact]
    public async Task Threat48_AgentsAreNotForwarded()
    {
        var result = await gateway.ShellAsync("eval $(ssh-agent) >/dev/null; $SSH -A eng+web1@gw 'echo sock=$SSH_AUTH_SOCK'; kill $SSH_AGENT_PID");

        Assert.Contains("sock=\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AShellIsForWhomARuleLetsHaveOne()
    {
        var agent = await gateway.SshAsync("bot", ["-T"], null, "echo inside\n");
        var engineer = await gateway.SshAsync("eng", ["-T"], null, "echo inside\n");

        Assert.Equal((126, ""), (agent.ExitCode, agent.Output));
        Assert.Equal("inside\n", engineer.Output);
    }

    [Fact]
    public async Task ATerminalIsOne()
    {
        var result = await gateway.SshAsync("eng", ["-tt"], "tty; echo $TERM");

        Assert.StartsWith("/dev/pts/", result.Output);
    }

    [Fact]
    public async Task OneConnectionServesManyCommands()
    {
        var result = await gateway.ShellAsync(
            "C=\"$SSH -o ControlPath=$HERE/master\"; $C -o ControlMaster=yes -fN eng+web1@gw && for i in 1 2 3 4 5 6 7 8 9; do $C eng+web1@gw \"echo $i\" & done; wait; $C -O exit eng+web1@gw 2>/dev/null");

        Assert.Equal("123456789", string.Concat(result.Output.Where(char.IsDigit).Order()));
    }

    /// <summary>Several at once came to what there was to record, and an event could be recorded twice.</summary>
    [Fact]
    public async Task EachEventOfManyChannelsIsRecordedOnce()
    {
        await gateway.ShellAsync("""
            C="$SSH -o ControlPath=$HERE/busy"; $C -o ControlMaster=yes -fN eng+web1@gw
            for round in 1 2 3 4 5 6; do for i in 1 2 3 4 5 6 7 8; do $C eng+web1@gw "echo $i" & done; wait; done
            $C -O exit eng+web1@gw 2>/dev/null
            """);
        await gateway.LastEndAsync();

        var lines = (await gateway.LastRecordingAsync()).Split('\n');
        foreach (var name in (string[])["command", "eof", "exit_status", "channel_closed"])
        {
            var events = lines.Where(l => l.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal)).Select(WithoutTime).ToList();
            Assert.True(events.Count >= 48, $"{name}: {events.Count}");
            Assert.Equal(events.Distinct(StringComparer.Ordinal), events);
        }

        static string WithoutTime(string line) => Regex.Replace(line, "\"(time|sequence|seq|at)\":[^,]*,", "");
    }

    [Theory]
    [InlineData("nobody", "web1")]
    [InlineData("bot", "not-there")]
    public async Task WhatIsForbiddenLooksLikeAWrongProof(string principal, string resource)
    {
        var result = await gateway.SshAsync(principal, [], "echo a", resource: resource);

        Assert.Equal(255, result.ExitCode);
        Assert.Contains("Permission denied (publickey,password,keyboard-interactive).", result.Error, StringComparison.Ordinal);
    }

    /// <summary>THREATS 49.</summary>
    [Theory]
    [InlineData("impostor", "did not prove to be itself")]
    [InlineData("down", "cannot reach")]
    public async Task Threat49_ATargetThatIsNotItselfIsNotUsed(string resource, string words)
    {
        var result = await gateway.SshAsync("eng", [], "echo a", resource: resource);

        Assert.Equal(255, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
    }
}
