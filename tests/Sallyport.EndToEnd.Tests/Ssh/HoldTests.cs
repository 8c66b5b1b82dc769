using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Commands that people decide on while the unmodified client waits.</summary>
[Collection(nameof(SshGateway))]
public sealed class HoldTests(SshGateway gateway)
{
    [Fact]
    public async Task AnApprovedCommandRunsWithTheInputThatWaited()
    {
        var file = Path.Combine(gateway.Files, "approved");
        var running = gateway.SshAsync("bot", $"tee {file}", "the body\n");

        var id = await gateway.HoldAsync($"tee {file}");
        Assert.False(File.Exists(file));
        (await gateway.SallyportAsync("approvals", "approve", id, "--yes", "--reason", "ok")).OrThrow("approve");

        var result = await running;
        Assert.Equal((0, "the body\n"), (result.ExitCode, result.Output));
        Assert.Equal("the body\n", await File.ReadAllTextAsync(file));
        Assert.Contains($"held for approval as {id} by rule \"restarts-wait\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("approved by dana", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModifiedCommandRunsAsTheApproverWroteIt()
    {
        var file = Path.Combine(gateway.Files, "modified");
        var running = gateway.SshAsync("bot", $"touch {file}-a");

        var id = await gateway.HoldAsync($"touch {file}-a");
        (await gateway.SallyportAsync("approvals", "modify", id, "--yes", "--text", $"touch {file}-b")).OrThrow("modify");

        Assert.Equal(0, (await running).ExitCode);
        Assert.Equal((false, true), (File.Exists(file + "-a"), File.Exists(file + "-b")));
    }

    /// <summary>THREATS 84.</summary>
    [Fact]
    public async Task Threat84_WhatAnApproverWroteIsDecidedAgain()
    {
        var running = gateway.SshAsync("bot", $"touch {gateway.Files}/never");

        var id = await gateway.HoldAsync($"touch {gateway.Files}/never");
        (await gateway.SallyportAsync("approvals", "modify", id, "--yes", "--text", $"rm -rf {gateway.Files}/in")).OrThrow("modify");

        var result = await running;
        Assert.Equal(126, result.ExitCode);
        Assert.Contains("refused by rule \"no-rm\"", result.Error, StringComparison.Ordinal);
        Assert.True(Directory.Exists(gateway.Files + "/in"));
    }

    [Fact]
    public async Task ARejectedCommandEndsWithTheReason()
    {
        var running = gateway.SshAsync("bot", ["-tt"], $"touch {gateway.Files}/rejected");

        var id = await gateway.HoldAsync($"touch {gateway.Files}/rejected");
        (await gateway.SallyportAsync("approvals", "reject", id, "--reason", "not today")).OrThrow("reject");

        var result = await running;
        Assert.Equal(126, result.ExitCode);
        Assert.Contains("was rejected by dana: not today", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClientThatLeavesTakesItsCommandBack()
    {
        using var client = Command.Start("ssh", ["-F", gateway.ConfigFile, "bot+web1@gw", $"touch {gateway.Files}/left"]);
        var id = await gateway.HoldAsync($"touch {gateway.Files}/left");

        client.Kill();

        var approve = await gateway.SallyportAsync("approvals", "approve", id, "--yes");
        for (var tries = 0; tries < 30 && approve.ExitCode == 0; tries++)
            approve = await gateway.SallyportAsync("approvals", "approve", id, "--yes");
        Assert.NotEqual(0, approve.ExitCode);
        Assert.False(File.Exists($"{gateway.Files}/left"));
    }

    /// <summary>One channel that waits does not keep another of the same connection waiting.</summary>
    [Fact]
    public async Task OtherChannelsGoOn()
    {
        var master = $"ControlPath={gateway.Client("held-master")}";
        (await gateway.ShellAsync($"$SSH -o {master} -o ControlMaster=yes -fN bot+web1@gw")).OrThrow("master");
        var held = gateway.SshAsync("bot", ["-o", master], $"touch {gateway.Files}/beside");
        var id = await gateway.HoldAsync($"touch {gateway.Files}/beside");

        Assert.Equal("meanwhile\n", (await gateway.SshAsync("bot", ["-o", master], "echo meanwhile")).Output);

        (await gateway.SallyportAsync("approvals", "approve", id, "--yes")).OrThrow("approve");
        Assert.Equal(0, (await held).ExitCode);
        await gateway.ShellAsync($"$SSH -o {master} -O exit bot+web1@gw");
    }
}
