using System.Net;
using System.Net.Sockets;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>What else than commands waits for people: an operation on files, a forwarded connection, a shell.</summary>
[Collection(nameof(SshGateway))]
public sealed class HeldChannelTests(SshGateway gateway)
{
    [Theory]
    [InlineData("approve")]
    [InlineData("reject")]
    public async Task AHeldSftpOperationWaitsAndOtherChannelsGoOn(string answer)
    {
        var folder = $"{gateway.Files}/held/{Guid.NewGuid():N}";
        var master = $"-o ControlPath={gateway.Client("sftp-master")}";
        (await gateway.ShellAsync($"$SSH {master} -o ControlMaster=yes -fN bot+web1@gw")).OrThrow("master");
        var running = gateway.ShellAsync($"printf '%s\\n' '-mkdir {folder}' 'ls {gateway.Files}' | $SFTP {master} -b - bot+web1@gw");

        var id = await gateway.HoldAsync(folder);
        Assert.Equal("meanwhile\n", (await gateway.ShellAsync($"$SSH {master} bot+web1@gw echo meanwhile")).Output);
        var beside = await gateway.ShellAsync($"echo 'ls {gateway.Files}' | $SFTP {master} -b - bot+web1@gw");
        Assert.Contains("/held", beside.Output, StringComparison.Ordinal);
        Assert.False(running.IsCompleted || Directory.Exists(folder));
        string[] how = answer == "approve" ? ["--yes"] : ["--reason", "not today"];
        (await gateway.SallyportAsync(["approvals", answer, id, .. how])).OrThrow(answer);

        var result = await running;
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(answer == "approve", Directory.Exists(folder));
        Assert.Equal(answer == "reject", result.Error.Contains("Permission denied", StringComparison.Ordinal));
        Assert.Contains($"{gateway.Files}/held", result.Output, StringComparison.Ordinal);
        Assert.Contains($"held for approval as {id}", result.Error, StringComparison.Ordinal);
        await gateway.ShellAsync($"$SSH {master} -O exit bot+web1@gw");
    }

    /// <summary>THREATS 26: nobody waits for it any more.</summary>
    [Fact]
    public async Task Threat26_AnSftpClientThatLeavesTakesItsOperationBack()
    {
        var folder = $"{gateway.Files}/held/{Guid.NewGuid():N}";
        using var client = Command.Start("sftp", ["-F", gateway.ConfigFile, "-b", "-", "bot+web1@gw"]);
        await client.StandardInput.WriteAsync($"mkdir {folder}\n");
        await client.StandardInput.FlushAsync();
        var id = await gateway.HoldAsync(folder);

        client.Kill(entireProcessTree: true);

        Assert.Contains(await gateway.LastEndAsync(), (string[])["client_closed", "client_lost"]);
        Assert.NotEqual(0, (await gateway.SallyportAsync("approvals", "approve", id, "--yes")).ExitCode);
        Assert.False(Directory.Exists(folder));
    }

    /// <summary>THREATS 45.</summary>
    [Fact]
    public async Task Threat45_AHeldConnectionIsOpenedWhenItIsApproved()
    {
        using var there = Greeter.Listen(gateway.HeldPort);
        var running = gateway.ShellAsync($"$SSH -W 127.0.0.1:{gateway.HeldPort} bot+web1@gw < /dev/null");

        var id = await gateway.HoldAsync($"127.0.0.1:{gateway.HeldPort}");
        Assert.False(running.IsCompleted);
        (await gateway.SallyportAsync("approvals", "approve", id, "--yes")).OrThrow("approve");

        Assert.Equal("hello from there\n", (await running).Output);
    }

    /// <summary>THREATS 45: the target is not asked to connect.</summary>
    [Fact]
    public async Task Threat45_ARejectedConnectionIsProhibited()
    {
        using var there = new TcpListener(IPAddress.Loopback, gateway.HeldPort);
        there.Start();
        var running = gateway.SshAsync("bot", ["-W", $"127.0.0.1:{gateway.HeldPort}"], null);

        var id = await gateway.HoldAsync($"127.0.0.1:{gateway.HeldPort}");
        (await gateway.SallyportAsync("approvals", "reject", id, "--reason", "not there")).OrThrow("reject");

        var result = await running;
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("administratively prohibited", result.Error, StringComparison.Ordinal);
        Assert.Contains("was rejected by dana: not there", result.Error, StringComparison.Ordinal);
        Assert.False(there.Pending());
    }

    /// <summary>Behind one port of the client's (-L) each connection waits by itself, and commands go on.</summary>
    [Fact]
    public async Task AConnectionToAForwardedPortWaitsAndCommandsGoOn()
    {
        using var there = Greeter.Listen(gateway.HeldPort);
        var local = FreePort.Next();
        var master = $"-o ControlPath={gateway.Client("tunnel-master")}";
        var forward = $"-o ControlMaster=yes -fN -L 127.0.0.1:{local}:127.0.0.1:{gateway.HeldPort}";
        (await gateway.ShellAsync($"$SSH {master} {forward} bot+web1@gw")).OrThrow("master");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, local);
        using var reader = new StreamReader(client.GetStream());
        var line = reader.ReadLineAsync();

        var id = await gateway.HoldAsync($"127.0.0.1:{gateway.HeldPort}");
        Assert.Equal("meanwhile\n", (await gateway.ShellAsync($"$SSH {master} bot+web1@gw echo meanwhile")).Output);
        Assert.False(line.IsCompleted);
        (await gateway.SallyportAsync("approvals", "approve", id, "--yes")).OrThrow("approve");

        Assert.Equal("hello from there", await line);
        await gateway.ShellAsync($"$SSH {master} -O exit bot+web1@gw");
    }

    [Fact]
    public async Task AnApprovedShellHasWhatWasTypedMeanwhile()
    {
        using var shell = ShellClient.Start(gateway, "bot+desk", "-tt");
        await shell.ExpectAsync("held for approval as");
        await shell.TypeAsync("echo typed-$((40+2))\r");
        (await gateway.SallyportAsync("approvals", "approve", await gateway.HoldAsync("shell"), "--yes")).OrThrow("approve");

        await shell.ExpectAsync("approved by dana");
        await shell.ExpectAsync("typed-42");
        await shell.TypeAsync("exit 3\r");

        Assert.Equal(3, await shell.ExitCodeAsync());
    }

    [Fact]
    public async Task ARejectedShellEndsWithTheReason()
    {
        using var shell = ShellClient.Start(gateway, "bot+desk", "-tt");
        await shell.ExpectAsync("held for approval as");
        (await gateway.SallyportAsync("approvals", "reject", await gateway.HoldAsync("shell"), "--reason", "no shells")).OrThrow("reject");

        await shell.ExpectAsync("was rejected by dana: no shells");
        Assert.Equal(126, await shell.ExitCodeAsync());
    }

    [Fact]
    public async Task CtrlCTakesAHeldShellBack()
    {
        using var shell = ShellClient.Start(gateway, "bot+desk", "-tt");
        await shell.ExpectAsync("held for approval as");

        await shell.TypeAsync("\u0003");

        await shell.ExpectAsync("was withdrawn");
        Assert.Equal(126, await shell.ExitCodeAsync());
    }
}
