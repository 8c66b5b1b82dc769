using Sallyport.Testing.Ssh;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>A gateway between clients and a server of OpenSSH 10.</summary>
public sealed class OpenSsh10Gateway : SshGateway
{
    protected override OpenSsh Peers => OpenSsh.Ten;
}

/// <summary>What OpenSSH 10 does otherwise than the system's: its key exchange, a server of three programs.</summary>
public sealed class OpenSsh10Tests(OpenSsh10Gateway gateway) : IClassFixture<OpenSsh10Gateway>
{
    private const string Megabytes = "head -c 30000000 /dev/urandom > $HERE/megabytes && ";

    [Fact]
    public async Task BothAreOfTheVersion()
    {
        Assert.StartsWith("OpenSSH_10.", (await gateway.ShellAsync("$SSH -V 2>&1")).Output, StringComparison.Ordinal);
        Assert.Contains("SSH-2.0-OpenSSH_10.", (await gateway.ShellAsync($"ssh-keyscan -p {gateway.Server.Port} 127.0.0.1 2>&1")).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task OutputErrorAndStatusAreTheCommandsOwn()
    {
        var result = await gateway.SshAsync("eng", "echo out; echo err >&2; exit 7");

        Assert.Equal((7, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task TheKeyExchangeIsItsOwnFirstChoiceAndStrict()
    {
        var result = await gateway.SshAsync("eng", ["-vvv"], "true");

        Assert.Contains("kex: algorithm: mlkem768x25519-sha256", result.Error, StringComparison.Ordinal);
        Assert.Contains("will use strict KEX ordering", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("WARNING", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$SCP $HERE/megabytes bot+web1@gw:$FILES/in/FILE && $SCP bot+web1@gw:$FILES/in/FILE $HERE/back")]
    [InlineData("$SCP -O $HERE/megabytes bot+web1@gw:$FILES/in/FILE && $SCP -O bot+web1@gw:$FILES/in/FILE $HERE/back")]
    [InlineData("echo \"put $HERE/megabytes $FILES/in/FILE\nget $FILES/in/FILE $HERE/back\" | $SFTP -b - bot+web1@gw")]
    public async Task AFileThereAndBack(string line)
    {
        var result = await gateway.ShellAsync($"{Megabytes}{line} && cmp $HERE/megabytes $HERE/back && rm $HERE/back");

        result.OrThrow(line);
    }

    [Fact]
    public async Task NewKeysEachMegabyte()
    {
        var result = await gateway.ShellAsync(
            $"{Megabytes}$SSH -v -o RekeyLimit=1M eng+web1@gw cat < $HERE/megabytes 2> $HERE/log | cmp - $HERE/megabytes && grep -c 'SSH2_MSG_NEWKEYS received' $HERE/log");

        Assert.InRange(int.Parse(result.OrThrow("ssh").Output, System.Globalization.CultureInfo.InvariantCulture), 10, 1000);
    }

    [Fact]
    public async Task OneConnectionServesManyCommands()
    {
        var result = await gateway.ShellAsync(
            "C=\"$SSH -o ControlPath=$HERE/master\"; $C -o ControlMaster=yes -fN eng+web1@gw && for i in 1 2 3 4 5; do $C eng+web1@gw \"echo $i\" & done; wait; $C -O exit eng+web1@gw 2>/dev/null");

        Assert.Equal("12345", string.Concat(result.Output.Where(char.IsDigit).Order()));
    }

    [Fact]
    public async Task APortIsForwarded()
    {
        using var web = Greeter.Listen(gateway.WebPort);
        var local = Sallyport.Testing.Processes.FreePort.Next();

        // With -f ssh is in the background once the port is open.
        var result = await gateway.ShellAsync(
            $"$SSH -f -o ExitOnForwardFailure=yes -L 127.0.0.1:{local}:127.0.0.1:{gateway.WebPort} bot+web1@gw 'sleep 1' && " +
            $"python3 -c \"import socket; print(socket.create_connection(('127.0.0.1', {local})).makefile().readline(), end='')\"");

        Assert.Equal("hello from there\n", result.OrThrow("ssh").Output);
    }

    [Fact]
    public async Task ADeniedCommandSaysWhyAndEndsWith126()
    {
        var result = await gateway.SshAsync("bot", "rm -rf /tmp/nothing-there");

        Assert.Equal((126, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("sallyport: refused by rule \"no-rm\"", result.Error);
    }
}
