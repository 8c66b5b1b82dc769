using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Shells in command mode: the gateway's prompt, each line decided and run by itself.</summary>
[Collection(nameof(SshGateway))]
public sealed class CommandModeTests(SshGateway gateway)
{
    private const string Card = "4539148803436467";

    private async Task<ShellClient> OpenAsync()
    {
        var shell = ShellClient.Start(gateway, "ops+web1", "-tt");
        await shell.ExpectAsync("ops@web1:~$ ");
        return shell;
    }

    [Fact]
    public async Task AnAllowedLineRunsAndADeniedOneDoesNot()
    {
        using var shell = await OpenAsync();

        Assert.Equal("one two\n", await shell.RunAsync("echo one two"));
        await shell.TypeAsync($"rm -rf {gateway.Files}\r");
        await shell.ExpectAsync("sallyport: no rule allows");
        await shell.ExpectAsync("[126] ops@web1:~$ ");
        Assert.True(Directory.Exists(gateway.Files));
        await shell.TypeAsync("exit\r");

        Assert.Equal(126, await shell.ExitCodeAsync());
    }

    /// <summary>THREATS 51: what cannot be read passes by its exact text only, in command mode too.</summary>
    [Theory]
    [InlineData("echo $(id)")]
    [InlineData("echo a > /tmp/x")]
    [InlineData("echo 'a")]
    [InlineData("echo \\' ; id")]
    [InlineData("echo a; id")]
    public async Task Threat51_ObfuscatedLinesAreDenied(string line)
    {
        using var shell = await OpenAsync();

        Assert.DoesNotContain("uid=", await shell.RunAsync(line), StringComparison.Ordinal);
        await shell.ExpectAsync("[126] ops@web1:~$ ");
    }

    [Fact]
    public async Task TheDirectoryIsKept()
    {
        using var shell = await OpenAsync();

        Assert.Equal("", await shell.RunAsync($"cd {gateway.Files}"));
        await shell.ExpectAsync($"ops@web1:{gateway.Files}$ ");
        Assert.Equal(gateway.Files + "\n", await shell.RunAsync("pwd"));
        await shell.RunAsync("cd in");
        Assert.Equal(gateway.Files + "/in\n", await shell.RunAsync("pwd"));
        await shell.RunAsync("cd /not/there");
        Assert.Equal(gateway.Files + "/in\n", await shell.RunAsync("pwd"));
        await shell.RunAsync("cd");
        await shell.ExpectAsync("ops@web1:~$ ");
        Assert.StartsWith("it's ", await shell.RunAsync("cd $HOME && echo \"it's ${PWD##*/}\""));
    }

    [Fact]
    public async Task TheStatusIsShownAndIsTheShellsAtTheEnd()
    {
        using var shell = await OpenAsync();

        await shell.RunAsync("sh -c 'exit 7'");
        await shell.ExpectAsync("[7] ops@web1:~$ ");
        await shell.TypeAsync("\u0004");

        Assert.Equal(7, await shell.ExitCodeAsync());
    }

    [Fact]
    public async Task AHeldLineRunsWhenItIsApproved()
    {
        using var shell = await OpenAsync();
        var file = Path.Combine(gateway.Files, "from-the-shell");
        await shell.RunAsync($"cd {gateway.Files}");

        await shell.TypeAsync("touch from-the-shell\r");
        await shell.ExpectAsync("held for approval as");
        Assert.False(File.Exists(file));
        (await gateway.SallyportAsync("approvals", "approve", await gateway.HoldAsync("touch from-the-shell"), "--yes")).OrThrow("approve");

        await shell.ExpectAsync("approved by dana");
        await shell.ExpectAsync("$ ");
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task CtrlCTakesAHeldLineBack()
    {
        using var shell = await OpenAsync();

        await shell.TypeAsync("touch taken-back\recho never\r");
        await shell.ExpectAsync("held for approval as");
        await shell.TypeAsync("\u0003");
        await shell.ExpectAsync("was withdrawn");
        await shell.ExpectAsync("[126] ops@web1:~$ ");

        Assert.Equal("after\n", await shell.RunAsync("echo after"));
        Assert.DoesNotContain("never\r\n", shell.Seen.Replace("echo never", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CtrlCEndsWhatRuns()
    {
        using var shell = await OpenAsync();

        await File.WriteAllTextAsync(Path.Combine(gateway.Files, "begun"), "begun\n");
        await shell.TypeAsync($"cat {gateway.Files}/begun -\r");
        await shell.ExpectAsync("begun\r\n");
        await shell.TypeAsync("echoed\r");
        await shell.ExpectAsync("echoed\r\nechoed");
        await shell.TypeAsync("\u0003");

        await shell.ExpectAsync("[130] ops@web1:~$ ");
    }

    [Fact]
    public async Task Threat52_LinesOfAPasteRunOneByOneAfterEnter()
    {
        using var shell = await OpenAsync();

        await shell.TypeAsync("\e[200~echo a-1\rrm /tmp/nothing\recho a-2\e[201~");
        await shell.ExpectAsync("echo a-2");
        await shell.TypeAsync("\r");

        await shell.ExpectAsync("a-1\r\n");
        await shell.ExpectAsync("no rule allows");
        await shell.ExpectAsync("echo a-2\r\n");
        await shell.ExpectAsync("a-2\r\n");
    }

    [Fact]
    public async Task OutputIsMaskedAndRecordedWithoutTheGatewaysOwnWords()
    {
        var file = Path.Combine(gateway.Files, "cards.txt");
        await File.WriteAllTextAsync(file, $"card {Card} end\n");
        using var shell = await OpenAsync();

        await shell.RunAsync($"cd {gateway.Files}");
        Assert.DoesNotContain(Card, await shell.RunAsync("cat cards.txt"), StringComparison.Ordinal);
        await shell.TypeAsync("exit\r");
        Assert.Equal(0, await shell.ExitCodeAsync());

        var recording = await gateway.LastRecordingAsync();
        Assert.DoesNotContain(Card, recording, StringComparison.Ordinal);
        Assert.Contains("\"cat cards.txt\"", recording, StringComparison.Ordinal);
        Assert.DoesNotContain("eval", recording, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u001e", recording, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001e', shell.Seen);
    }

    [Fact]
    public async Task FilesAreNotCarried()
    {
        using var shell = await OpenAsync();

        Assert.Contains("files are not carried in command mode", await shell.RunAsync($"scp -f {gateway.Files}/cards.txt") + shell.Seen, StringComparison.Ordinal);
    }

    /// <summary>The last line of them is a real pager at a real terminal.</summary>
    [Fact]
    public async Task ProgramsHaveTheTerminalAndItsSize()
    {
        await File.WriteAllLinesAsync(Path.Combine(gateway.Files, "long.txt"), Enumerable.Range(1, 200).Select(static i => $"line {i}"));
        using var shell = ShellClient.StartSized(gateway, "ops", 90, 20);
        await shell.ExpectAsync("ops@web1:~$ ");

        Assert.Equal("20 90\n", await shell.RunAsync("stty size"));
        await shell.TypeAsync("\0size 100 30\n");
        for (var tries = 0; await shell.RunAsync("stty size") != "30 100\n"; tries++)
            Assert.True(tries < 50, shell.Seen);
        Assert.StartsWith("/dev/pts/", await shell.RunAsync("tty"));

        await shell.TypeAsync($"less {gateway.Files}/long.txt\r");
        await shell.ExpectAsync("line 29");
        Assert.DoesNotContain("line 60", shell.Seen, StringComparison.Ordinal);
        await shell.TypeAsync("G");
        await shell.ExpectAsync("line 200");
        await shell.TypeAsync("q");
        await shell.ExpectAsync("ops@web1:~$ ");
        await shell.TypeAsync("exit\r");
        Assert.Equal(0, await shell.ExitCodeAsync());
    }

    [Fact]
    public async Task AnEditorEditsAndSaves()
    {
        var file = Path.Combine(gateway.Files, "in", "edited");
        await File.WriteAllTextAsync(file, "first\nlast\n");
        using var shell = ShellClient.StartSized(gateway, "ops", 100, 20);
        await shell.ExpectAsync("ops@web1:~$ ");

        await shell.TypeAsync($"vi -u NONE {file}\r");
        await shell.ExpectAsync("last");
        await shell.TypeAsync("omiddle\e");
        await shell.ExpectAsync("middle");
        await shell.TypeAsync("k0ihttp://\e:x\r");
        await shell.ExpectAsync("written");
        await shell.ExpectAsync("ops@web1:~$ ");

        Assert.Equal("http://first\nmiddle\nlast\n", await File.ReadAllTextAsync(file));
        Assert.Equal("after\n", await shell.RunAsync("echo after"));
    }

    /// <summary>New keys on the client's leg each megabyte, while lines run and are typed.</summary>
    [Fact]
    public async Task NewKeysWhileLinesRunLoseNothing()
    {
        await File.WriteAllTextAsync(Path.Combine(gateway.Files, "rekeyed"), string.Concat(Enumerable.Range(0, 400_000).Select(static i => $"{i}\n")));
        using var shell = ShellClient.Start(gateway, "ops+web1", "-tt", "-v", "-o", "RekeyLimit=1M");
        await shell.ExpectAsync("ops@web1:~$ ");

        for (var i = 0; i < 2; i++)
        {
            await shell.TypeAsync($"cat {gateway.Files}/rekeyed\r");
            await shell.ExpectAsync("\r\n399999\r\n");
            await shell.ExpectAsync("ops@web1:~$ ");
        }
        await shell.TypeAsync("exit\r");

        Assert.Equal(0, await shell.ExitCodeAsync());
        Assert.InRange(shell.Seen.Split("SSH2_MSG_NEWKEYS received").Length, 4, 100);
    }

    /// <summary>A line whose output does not end is ended by its user, at once.</summary>
    [Fact]
    public async Task EndlessOutputIsEndedByCtrlC()
    {
        var result = await gateway.ShellAsync("""
            /usr/bin/python3 - $CFG <<'END'
            import os, pty, sys
            pid, fd = pty.fork()
            if pid == 0:
                os.execvp("ssh", ["ssh", "-F", sys.argv[1], "ops+web1@gw"])
            count = 0
            def until(word):
                global count
                seen = b""
                while word not in seen:
                    data = os.read(fd, 65536)
                    count += len(data)
                    seen = (seen + data)[-70000:]
            until(b"$ ")
            os.write(fd, b"yes endless\r")
            while count < 5000000:
                until(b"endless\r\n")
            os.write(fd, b"\x03")
            until(b"[130] ops@web1:~$ ")
            os.write(fd, b"echo af''ter\r")
            until(b"after\r\n")
            # Typed earlier it would be what the running line reads.
            until(b"ops@web1:~$ ")
            os.write(fd, b"exit\r")
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            END
            """);

        Assert.Equal("0\n", result.OrThrow("python3").Output);
    }

    [Fact]
    public async Task WithoutATerminalEachLineIsACommand()
    {
        var result = await gateway.SshAsync("ops", ["-T"], null, "cd /tmp\npwd\n");

        Assert.Equal((0, "/tmp\n"), (result.ExitCode, result.Output));
        Assert.DoesNotContain("sallyport", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutATerminalTheLastStatusIsTheEndAndCommandsHaveNoInput()
    {
        var result = await gateway.SshAsync("ops", ["-T"], null, "cat\r\n\nrm x\necho a\nsh -c 'exit 7'");

        Assert.Equal((7, "a\n"), (result.ExitCode, result.Output));
        Assert.Contains("no rule allows", result.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await gateway.SshAsync("ops", ["-T"], null, "exit 3\necho not\n")).ExitCode);
    }

    [Fact]
    public async Task MuchOutputOfManyLinesArrivesWhole()
    {
        var file = Path.Combine(gateway.Files, "much");
        await File.WriteAllTextAsync(file, new string('x', 3_000_000) + "\n");

        var result = await gateway.ShellAsync($"for i in 1 2 3 4; do echo 'cat {file}'; done | $SSH -T ops+web1@gw | (sleep 1; wc -c)");

        Assert.Equal("12000004", result.OrThrow("ssh").Output.Trim());
    }

    [Fact]
    public async Task VariablesAreTheClients()
    {
        var result = await gateway.ShellAsync("echo 'echo \"$LC_TEST\"' | LC_TEST=fine $SSH -T -o SendEnv=LC_TEST ops+web1@gw");

        Assert.Equal("fine\n", result.OrThrow("ssh").Output);
    }

    /// <summary>A client that leaves takes what runs with it.</summary>
    [Fact]
    public async Task AClientThatLeavesEndsItsLine()
    {
        using var shell = await OpenAsync();
        await shell.TypeAsync("sleep 7654\r");
        await shell.ExpectAsync("\e[?2004l");
        await UntilAsync(isRunning: true);

        shell.Kill();

        await UntilAsync(isRunning: false);

        async Task UntilAsync(bool isRunning)
        {
            for (var tries = 0; (await gateway.ShellAsync("pgrep -f '[s]leep 7654'")).Output.Length > 0 != isRunning; tries++)
                Assert.True(tries < 300, $"running: {!isRunning}");
        }
    }

    /// <summary>No control, but a trail.</summary>
    [Fact]
    public async Task LinesTypedIntoAPlainShellAreHints()
    {
        using var shell = ShellClient.Start(gateway, "eng+web1", "-tt");
        await shell.TypeAsync("echo watched $((6*7)) || true\r");
        await shell.ExpectAsync("watched 42");
        await shell.TypeAsync("echo watched twice\r");
        await shell.ExpectAsync("\rwatched twice");
        await shell.TypeAsync("read -s -p 'pass''word: ' password; echo got\r");
        await shell.ExpectAsync("password: ");
        await shell.TypeAsync("hunter2\r");
        await shell.ExpectAsync("got\r\n");
        await shell.TypeAsync("exit\r");
        await shell.ExitCodeAsync();

        var recording = await gateway.LastRecordingAsync();
        Assert.Contains("\"value\":\"echo watched twice\"", recording, StringComparison.Ordinal);
        Assert.Contains("deny by watched", recording, StringComparison.Ordinal);
        Assert.Contains("not echoed", recording, StringComparison.Ordinal);
        Assert.DoesNotContain("\"value\":\"hunter2", recording, StringComparison.Ordinal);
    }
}
