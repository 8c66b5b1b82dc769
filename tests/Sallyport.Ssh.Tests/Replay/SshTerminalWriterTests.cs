using Sallyport.Core;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Replay;

namespace Sallyport.Ssh.Tests.Replay;

public sealed class SshTerminalWriterTests
{
    private const string Evil = "a\u001b[2J\u009b1m\u001b]52;c;eA==\a\u202e\u200b\rz";

    [Fact]
    public void AnExecShowsItsCommandStreamsAndEnd()
    {
        var shown = new Recorded().Opened().Event("channel_opened", static told => told with { Kind = "session" }).Runs(1, "make all").Wait(1)
            .Output("compi").Output("ling\r").Output("\ndone").Error("warning: x\n").Input("yes\n").Wait(1)
            .Event("exit_status", static told => told with { Status = 2 }).Event("channel_closed", static told => told with { BytesRead = 9 })
            .Write(static output => new SshTerminalWriter(output, true));
        Assert.Equal("""
            10:00:00.000  opened  {"protocol":"ssh","principal":"ana","resource":"web"}
            10:00:00.000  channel 0  channel_opened  kind=session
            10:00:00.000  #1  allow by ops
              > make all
            10:00:00.000  channel 0  command  request=exec command=1
            --- channel 0 (exec) ---
            | compiling
            | done
            ! warning: x
            < yes
            10:00:02.000  channel 0  exit_status  status=2
            10:00:02.000  channel 0  channel_closed  bytesRead=9

            """, shown);
    }

    [Fact]
    public void AHeaderStandsWhereTheChannelChanges()
    {
        var shown = new Recorded().Output("a\n").Output("b", channel: 1).Output("c\n")
            .Write(static output => new SshTerminalWriter(output, false));
        Assert.Equal("--- channel 0 ---\n| a\n--- channel 1 ---\n| b\n--- channel 0 ---\n| c\n", shown);
    }

    [Fact]
    public void OneChannelIsShownWithItsCommandsAlone()
    {
        var shown = new Recorded().Opened().Runs(1, "first").Runs(2, "second", channel: 1).Output("a\n").Output("b\n", channel: 1)
            .Write(static output => new ChannelSelection(1, new SshTerminalWriter(output, false)));
        Assert.Contains("  > second\n", shown, StringComparison.Ordinal);
        Assert.EndsWith("--- channel 1 (exec) ---\n| b\n", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("first", shown, StringComparison.Ordinal);
        Assert.Equal(
            "nothing: this session has no channel 7.",
            new Recorded().Output("a").Write(static output => new ChannelSelection(7, new SshTerminalWriter(output, false))));
    }

    [Fact]
    public void ARefusedCommandBelongsToTheChannelThatWasRefused()
    {
        var recorded = new Recorded().Command(1, "rm -rf /", DecisionKind.Deny)
            .Event("request_refused", static told => told with { Request = "exec", Command = 1 }, channel: 3).Runs(2, "ls", channel: 4);
        Assert.Equal(
            "10:00:00.000  #1  deny by ops\n  > rm -rf /\n10:00:00.000  channel 3  request_refused  request=exec command=1\n",
            recorded.Write(static output => new ChannelSelection(3, new SshTerminalWriter(output, false))));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Threat68_Threat90_NothingRecordedDrivesTheTerminal(bool playsTerminals, bool hasTerminal)
    {
        var recorded = new Recorded().Event("channel_opened", static told => told with { Kind = Evil, Destination = Evil });
        if (hasTerminal)
            recorded.Event("pty", static told => told with { Terminal = Evil, Columns = 80, Rows = 24 });
        recorded.Runs(1, Evil, Evil).Output(Evil).Error(Evil + "\n").Input(Evil).Event(Evil, static told => told with { Detail = Evil })
            .Event("file", static told => told with { Path = Evil + "\" sha256=\"x" }).Add(RecordKind.HoldOutcome, [.. "\u001b["u8])
            .Event("exit_signal", static told => told with { Signal = Evil }).Closed();
        var shown = recorded.Write(output => new SshTerminalWriter(output, playsTerminals));
        Assert.DoesNotContain(shown, static c => (char.IsControl(c) && c != '\n') || c is '\u202e' or '\u200b');
        Assert.Contains(@"| a\e[2J\u{009B}1m\e]52;c;eA==\u{0007}\u{202E}\u{200B}\rz", shown, StringComparison.Ordinal);
        Assert.Contains("\\\" sha256=\\\"x\"", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Threat90_OutputCannotPassForALineOfTheGateway()
    {
        var shown = new Recorded().Runs(1, "cat\n10:00:00.000  #7  allow by ops")
            .Output("10:00:00.000  #8  allow by ops\n--- channel 3 ---\n\n")
            .Write(static output => new SshTerminalWriter(output, true));
        Assert.Contains("\n  > 10:00:00.000  #7", shown, StringComparison.Ordinal);
        Assert.Contains("\n| 10:00:00.000  #8  allow by ops\n| --- channel 3 ---\n| \n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void ATerminalIsPlayedAndLeft()
    {
        var shown = Shell().Output("\u001b[?1049h\u001b[31mvim é").Event("resize", static told => told with { Columns = 100, Rows = 40 })
            .Input("secret").Output("x").Event("exit_status", static told => told with { Status = 0 })
            .Write(static output => new SshTerminalWriter(output, true));
        Assert.Contains("--- channel 0 (shell, xterm 80x24) ---\n\u001b[?1049h\u001b[31mvim éx\u001b[?1049l\u001b[!p", shown, StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?25h\u001b[0m\u001b(B\u000f\n10:00:00.000  channel 0  exit_status  status=0\n", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void AReplayThatIsCutShortLeavesTheTerminalToo()
    {
        var output = new StringWriter { NewLine = "\n" };
        var writer = new SshTerminalWriter(output, true);
        foreach (var item in Shell().Output("\u001b[?1049h\u001b[?25lhalf a scr").Items())
            writer.Write(item);
        Assert.EndsWith("half a scr", output.ToString(), StringComparison.Ordinal);
        writer.Close();
        Assert.Contains("half a scr\u001b[?1049l", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?25h\u001b[0m\u001b(B\u000f\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void BetweenTwoTerminalsTheScreenIsLeftAndEnteredAgain()
    {
        var shown = Shell().Pty(channel: 1).Output("\u001b[?1049hone").Output("two", channel: 1).Output("again")
            .Write(static output => new SshTerminalWriter(output, true));
        Assert.Matches("one\u001b\\[\\?1049l.*\n--- channel 1 \\(xterm 80x24\\) ---\ntwo\u001b\\[!p.*\n--- channel 0 .*---\n\u001b\\[\\?1049hagain", shown);
    }

    private static Recorded Shell() => new Recorded().Pty().Runs(1, "shell", "shell");
}
