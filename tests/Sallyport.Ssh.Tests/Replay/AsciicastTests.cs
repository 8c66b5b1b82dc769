using System.Text;
using System.Text.Json;
using Sallyport.Core;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Replay.Asciicast;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Replay;

/// <summary>Files for asciinema, by its documentation (docs.asciinema.org/manual/asciicast) and by its player.</summary>
public sealed class AsciicastTests
{
    [Fact]
    public void ATerminalIsWrittenInVersion2WithTimesSinceTheBeginning() => Assert.Equal("""
        {"version":2,"width":80,"height":24,"timestamp":1795341600,"title":"ana@web channel 0","env":{"TERM":"xterm","SHELL":"/bin/zsh"}}
        [0.500000,"m","#1  allow by ops: shell"]
        [1.500000,"o","\u001B[31m\u00E9"]
        [3.500000,"r","100x40"]
        [3.750000,"o","bye"]
        [3.750000,"m","exit_status: status=3"]

        """, Terminal().Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, false)));

    [Fact]
    public void InVersion3TimesAreSinceTheLastEventAndTheEndIsAnEvent() => Assert.Equal("""
        {"version":3,"term":{"cols":80,"rows":24,"type":"xterm"},"timestamp":1795341600,"title":"ana@web channel 0","env":{"TERM":"xterm","SHELL":"/bin/zsh"}}
        [0.500000,"m","#1  allow by ops: shell"]
        [1.000000,"o","\u001B[31m\u00E9"]
        [2.000000,"r","100x40"]
        [0.250000,"o","bye"]
        [0.000000,"m","exit_status: status=3"]
        [0.000000,"x","3"]

        """, Terminal().Write(static output => new AsciicastWriter(output, AsciicastVersion.V3, false)));

    [Fact]
    public void InputIsWrittenOnlyWhenAskedFor()
    {
        var without = Terminal().Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, false));
        Assert.DoesNotContain("\"i\"", without, StringComparison.Ordinal);
        var lines = Terminal().Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, true));
        Assert.Contains("\n[1.500000,\"i\",\"secret\\r\"]\n", lines, StringComparison.Ordinal);
    }

    [Fact]
    public void AnExecHasItsCommandItsStreamsMarkedAndSafeOutput()
    {
        var lines = Exec().Write(static output => new AsciicastWriter(output, AsciicastVersion.V3, false)).TrimEnd().Split('\n');
        Assert.Contains("\"command\":\"make \\\\e[2J\"", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                ("m", "hold: hold=h-1 outcome=approved by=bob,eve"), ("m", @"#2  hold by ops (approved): make \e[2J"), ("o", "one\r\ntw"),
                ("m", "stderr"), ("o", "no\\e[2J"), ("m", "stdout"), ("o", "o"), ("o", "\r\n"),
                ("m", "exit_signal: signal=KILL"), ("x", "137"),
            ],
            Events(lines));
    }

    [Fact]
    public void TheFirstChannelWithOutputIsTakenUnlessTold()
    {
        var recorded = new Recorded().Event("channel_opened").Runs(1, "quiet").Event("channel_opened", channel: 1).Runs(2, "loud", channel: 1)
            .Output("hi\n", channel: 1).Event("exit_status", static told => told with { Status = 0 });
        var loud = recorded.Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, false)).TrimEnd().Split('\n');
        Assert.Contains("\"title\":\"channel 1\"", loud[0], StringComparison.Ordinal);
        Assert.Equal([("m", "#2  allow by ops: loud"), ("o", "hi\r\n")], Events(loud));
        var quiet = recorded.Write(static output =>
            new Ssh.Replay.ChannelSelection(0, new AsciicastWriter(output, AsciicastVersion.V3, false))).TrimEnd().Split('\n');
        Assert.Equal([("m", "#1  allow by ops: quiet"), ("m", "exit_status: status=0"), ("x", "0")], Events(quiet));
    }

    [Fact]
    public void ASessionWithoutAChannelIsSaidSo() => Assert.Equal(
        "nothing: this session has no channel.",
        new Recorded().Opened().Closed().Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, false)));

    [Theory]
    [InlineData(0u, 0u, "\"width\":80,\"height\":24")]
    [InlineData(70_000u, 24u, "\"width\":80,\"height\":24")]
    [InlineData(65_535u, 1u, "\"width\":65535,\"height\":1")]
    public void ASizeThatPlayersCannotTakeIsTheUsualOne(uint columns, uint rows, string expected)
    {
        var lines = new Recorded().Pty(columns, rows).Output("x").Event("resize", static told => told with { Columns = 0, Rows = 0 })
            .Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, false));
        Assert.Contains(expected, lines, StringComparison.Ordinal);
        Assert.DoesNotContain("\"r\"", lines, StringComparison.Ordinal);
    }

    [Fact]
    public void RecordsOutOfOrderDoNotTurnTimeBack()
    {
        var lines = new Recorded().Pty().Wait(1).Output("a").Wait(-0.5).Output("b").Wait(1).Output("c");
        Assert.Equal([1, 1, 1.5], Times(lines, AsciicastVersion.V2));
        Assert.Equal([1, 0, 0.5], Times(lines, AsciicastVersion.V3));
    }

    [Fact]
    public void TerminalBytesSplitAnywhereAreTheSameText()
    {
        byte[] bytes = [.. "\u001b[1mé€😀"u8, 0xff, .. "end"u8];
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var lines = new Recorded().Pty().Output(bytes.AsSpan(0, cut)).Output(bytes.AsSpan(cut))
                .Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, false)).TrimEnd().Split('\n');
            Assert.Equal("\u001b[1mé€😀\ufffdend", string.Concat(Events(lines).Select(static e => e.Data)));
        }
    }

    /// <summary>Needs the package <c>asciinema</c>.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AsciinemaPlaysWhatWasRecorded(bool isTerminal)
    {
        using var folder = new TemporaryFolder("cast");
        var recorded = isTerminal ? Terminal() : Exec();
        File.WriteAllText(folder["session.cast"], recorded.Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, true)));
        var utf8 = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8", ["HOME"] = folder.FullPath };
        var played = await Command.RunAsync("asciinema", ["play", "--speed", "1000", folder["session.cast"]], utf8);
        Assert.Equal((0, ""), (played.ExitCode, played.Error));
        Assert.Equal(isTerminal ? "\u001b[31mébye" : "one\r\ntwno\\e[2Jo\r\n", played.Output);
    }

    /// <summary>The web player by the same people, which reads both versions; what it draws is what the replay of the records shows.</summary>
    [Theory]
    [InlineData(AsciicastVersion.V2, true)]
    [InlineData(AsciicastVersion.V2, false)]
    [InlineData(AsciicastVersion.V3, true)]
    [InlineData(AsciicastVersion.V3, false)]
    public async Task AsciinemasPlayerDrawsWhatWasRecorded(AsciicastVersion version, bool isTerminal)
    {
        using var folder = new TemporaryFolder("cast");
        var recorded = isTerminal ? Terminal() : Exec();
        File.WriteAllText(folder["session.cast"], recorded.Write(output => new AsciicastWriter(output, version, true)));

        var played = (await Command.RunAsync(
            "node", [Path.Combine(Repository.Clients, "node", "asciinema_player.mjs"), folder["session.cast"]],
            new Dictionary<string, string?> { ["NODE_PATH"] = Repository.NodeModules })).OrThrow("node");

        var seen = JsonDocument.Parse(played.Output).RootElement;
        Assert.Equal(isTerminal ? "\u001b[31mébye" : "one\r\ntwno\\e[2Jo\r\n", seen.GetProperty("output").GetString());
        Assert.Equal(isTerminal ? ["80x24", "100x40"] : ["80x24"], Strings("sizes"));
        Assert.Equal(
            isTerminal
                ? ["#1  allow by ops: shell", "exit_status: status=3"]
                : ["hold: hold=h-1 outcome=approved by=bob,eve", @"#2  hold by ops (approved): make \e[2J", "stderr", "stdout", "exit_signal: signal=KILL"],
            Strings("markers"));
        if (isTerminal)
            Assert.Equal(3.75, seen.GetProperty("duration").GetDouble(), precision: 6);

        IEnumerable<string?> Strings(string name) => seen.GetProperty(name).EnumerateArray().Select(static s => s.GetString());
    }

    private static Recorded Terminal()
    {
        var e = Encoding.UTF8.GetBytes("é");
        return new Recorded().Opened().Event("channel_opened", static told => told with { Kind = "session" }).Pty()
            .Event("env", static told => told with { Name = "SHELL", Value = "/bin/zsh" }).Wait(0.5).Runs(1, "shell", "shell").Wait(1)
            .Input("secret\r").Output([.. "\u001b[31m"u8, .. e]).Wait(2).Event("resize", static told => told with { Columns = 100, Rows = 40 })
            .Wait(0.25).Output("bye").Event("exit_status", static told => told with { Status = 3 }).Event("channel_closed").Closed();
    }

    private static Recorded Exec() => new Recorded().Opened().Event("channel_opened").Command(1, "make \u001b[2J", DecisionKind.Hold)
        .Add(RecordKind.HoldOutcome, """{"hold":"h-1","outcome":"approved","by":["bob","eve"],"reason":null}"""u8)
        .Command(2, "make \u001b[2J", DecisionKind.Hold, CommandFlags.Approved)
        .Event("command", static told => told with { Command = 2, Request = "exec" })
        .Output("one\ntw").Error("no\u001b[2J").Output("o\r").Output("\n")
        .Event("exit_signal", static told => told with { Signal = "KILL" }).Event("channel_closed").Closed();

    private static IEnumerable<(string? Code, string? Data)> Events(IEnumerable<string> lines) => lines.Skip(1)
        .Select(static line => JsonDocument.Parse(line).RootElement).Select(static line => (line[1].GetString(), line[2].GetString()));

    private static IEnumerable<double> Times(Recorded recorded, AsciicastVersion version) => recorded
        .Write(output => new AsciicastWriter(output, version, false)).TrimEnd().Split('\n').Skip(1)
        .Select(static line => JsonDocument.Parse(line).RootElement[0].GetDouble());
}
