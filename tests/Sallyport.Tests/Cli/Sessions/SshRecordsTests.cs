using Sallyport.Cli;
using Sallyport.Core;
using Sallyport.Ssh.Recording;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Cli.Sessions;

/// <summary>Replay and export of SSH sessions from the files alone.</summary>
public sealed class SshRecordsTests : IAsyncLifetime
{
    private RecordedFolder _folder = null!;

    public async Task InitializeAsync()
    {
        _folder = await RecordedFolder.MakeAsync("select 1");
        await _folder.AddAsync("ssh", SshSamples.ShellAndExec);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task OnATerminalTheShellIsPlayedAndTheTerminalLeft()
    {
        var run = await _folder.RunOnTerminalAsync("sessions", "replay", "last", "--offline", "--channel", "0", "--speed", "1000");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("(shell, xterm 100x30) ---", run.Out, StringComparison.Ordinal);
        Assert.Contains("\u001b[?1049h\u001b[31m\u00e9dit\u001b[?1049l", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("two", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("]52;", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Threat90_ElsewhereOrWithoutItsTimingItIsEscaped(bool isTerminal)
    {
        string[] args = ["sessions", "replay", "last", "--offline", "--no-wait"];
        var run = isTerminal ? await _folder.RunOnTerminalAsync(args) : await _folder.RunAsync(args);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.Contains(@"| \e[?1049h\e[31m" + "\u00e9dit", run.Out, StringComparison.Ordinal);
        Assert.Contains(@"  > ls \e[2J", run.Out, StringComparison.Ordinal);
        Assert.Contains("--- channel 1 (exec) ---", run.Out, StringComparison.Ordinal);
        Assert.Contains(@"| one\e[2J", run.Out, StringComparison.Ordinal);
        Assert.Contains("! two", run.Out, StringComparison.Ordinal);
        Assert.Contains("exit_status  status=4", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchingThatIsCancelledLeavesTheTerminal()
    {
        await _folder.AddAsync("ssh", static writer =>
        {
            writer.Event(new ChannelEvent("pty") { Channel = 0, Terminal = "xterm", Columns = 80, Rows = 24 });
            writer.Output(0, "\u001b[?1049h\u001b[?25lediting");
        }, ends: false);
        using var stop = new CancellationTokenSource();
        using var output = new StoppingWriter("editing", stop);
        var cli = new CliContext { Out = output, Error = TextWriter.Null, In = TextReader.Null, IsTerminal = true };
        var code = await CommandTree.RunAsync(["sessions", "watch", "last", "--offline", "--config", _folder.Configuration], cli, stop.Token);
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("editing\u001b[?1049l", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?25h\u001b[0m\u001b(B\u000f\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay", "--json")]
    [InlineData("export", "--format=jsonl")]
    public async Task JsonLinesHaveTheWholeSession(string verb, string form)
    {
        var run = await _folder.RunAsync("sessions", verb, "last", "--offline", form);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Contains("\"kind\":\"output\",\"channel\":0,\"text\":\"\\u00E9dit\\u001B]52;c;eA==\\u0007\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"error\",\"channel\":1,\"text\":\"two\\n\"", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Theory]
    [InlineData("asciicast", "\"version\":2,\"width\":100,\"height\":30,", false)]
    [InlineData("asciicast-v3", "\"version\":3,\"term\":{\"cols\":100,\"rows\":30,\"type\":\"xterm\"},", true)]
    public async Task AChannelIsExportedForAsciinema(string format, string head, bool hasExit)
    {
        var shell = await _folder.RunAsync("sessions", "export", "last", "--offline", "--format", format);
        Assert.Equal((ExitCode.Ok, ""), (shell.ExitCode, shell.Error));
        Assert.StartsWith("{" + head, shell.Out, StringComparison.Ordinal);
        Assert.Contains("\"r\",\"120x40\"]", shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("two", shell.Out, StringComparison.Ordinal);

        var file = _folder["exec.cast"];
        var exec = await _folder.RunAsync("sessions", "export", "last", "--offline", "--format", format, "--channel", "1", "--out", file);
        Assert.Equal((ExitCode.Ok, "", ""), (exec.ExitCode, exec.Error, exec.Out));
        var lines = File.ReadAllText(file);
        Assert.Contains("\"title\":\"ana@web channel 1\"", lines, StringComparison.Ordinal);
        Assert.Contains("\"m\",\"stderr\"]", lines, StringComparison.Ordinal);
        Assert.Equal(hasExit, lines.TrimEnd().EndsWith("\"x\",\"4\"]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, ExitCode.Usage, "SSH session: it ran no SQL", "export", "--format=sql")]
    [InlineData(0, ExitCode.Usage, "PostgreSQL session: it has no terminal", "export", "--format=asciicast")]
    [InlineData(0, ExitCode.Usage, "PostgreSQL session: it has no terminal", "export", "--format=asciicast-v3")]
    [InlineData(0, ExitCode.Usage, "PostgreSQL session: it has no channels", "replay", "--channel=0")]
    [InlineData(1, ExitCode.Failed, "no channel 9", "export", "--format=asciicast", "--channel=9")]
    public async Task WhatASessionDoesNotHaveIsSaid(int session, int exitCode, string expected, params string[] args)
    {
        var file = _folder["none"];
        string[] output = args[0] == "export" ? ["--out", file] : [];
        var run = await _folder.RunAsync(["sessions", args[0], _folder.Sessions[session].ToString(), "--offline", .. args[1..], .. output]);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task AProtocolThatThisVersionDoesNotKnowIsSaidNotGuessed()
    {
        await _folder.AddAsync("gopher", static writer => Samples.Append(writer, RecordKind.Command, Samples.Command("x")));
        var run = await _folder.RunAsync("sessions", "replay", "last", "--offline", "--no-wait");
        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("names its protocol", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Presses Ctrl-C when a text was shown.</summary>
    private sealed class StoppingWriter(string text, CancellationTokenSource stop) : StringWriter
    {
        public override void Flush()
        {
            if (ToString().Contains(text, StringComparison.Ordinal))
                stop.Cancel();
        }
    }
}
