using System.Text;
using System.Text.Json;
using Sallyport.Core;
using Sallyport.Ssh.Replay;
using Sallyport.Ssh.Replay.Asciicast;

namespace Sallyport.Ssh.Tests.Replay;

public sealed class SshTranscriptTests
{
    private static readonly byte[] Mixed = [.. "aé€😀b"u8, 0xff, 0xe2, 0x82, .. "c"u8, 0xf0, 0x9f, 0x98, .. "\r\n"u8, 0xc3];

    [Fact]
    public void BytesCutAnywhereDecodeAsTheWhole()
    {
        for (var first = 0; first <= Mixed.Length; first++)
        {
            for (var second = first; second <= Mixed.Length; second++)
            {
                var items = new Recorded().Output(Mixed.AsSpan(0, first)).Output(Mixed.AsSpan(first, second - first))
                    .Output(Mixed.AsSpan(second)).Items();
                var bytes = items.Cast<ChannelBytesItem>().ToList();
                Assert.Equal(Mixed, bytes.SelectMany(static item => item.Bytes));
                Assert.Equal(Encoding.UTF8.GetString(Mixed), string.Concat(bytes.Select(static item => Encoding.UTF8.GetString(item.Bytes))));
            }
        }
    }

    [Fact]
    public void EveryStreamKeepsItsOwnHalfOfARune()
    {
        var euro = "€"u8.ToArray();
        var items = new Recorded().Output(euro.AsSpan(0, 1)).Output(euro.AsSpan(0, 2), channel: 1).Error("e").Input("i").Output(euro.AsSpan(1))
            .Output(euro.AsSpan(2), channel: 1).Items().Cast<ChannelBytesItem>();
        Assert.Equal(
            [(0u, ChannelFlow.Error, "e"), (0u, ChannelFlow.Input, "i"), (0u, ChannelFlow.Output, "€"), (1u, ChannelFlow.Output, "€")],
            items.Select(static item => (item.Channel, item.Flow, Encoding.UTF8.GetString(item.Bytes))));
    }

    [Fact]
    public void AHalfRuneIsHandedOutWhenItsChannelOrTheSessionEnds()
    {
        var items = new Recorded().Output([0xe2]).Output([0xe2, 0x82], channel: 1).Event("channel_closed").Closed().Items();
        Assert.Equal(
            [typeof(ChannelBytesItem), typeof(ChannelEventItem), typeof(ChannelBytesItem), typeof(NoteItem)],
            items.Select(static item => item.GetType()));
    }

    [Fact]
    public void OutputAfterAPtyIsATerminals()
    {
        var items = new Recorded().Output("a").Pty(channel: 1).Output("b", channel: 1).Output("c").Items().OfType<ChannelBytesItem>();
        Assert.Equal([false, true, false], items.Select(static item => item.IsTerminal));
    }

    [Theory]
    [InlineData(RecordKind.Answer, "")]
    [InlineData(RecordKind.Answer, "00000000")]
    [InlineData(RecordKind.Input, "0000000002ff")]
    [InlineData(RecordKind.Command, "00")]
    public void AMalformedRecordIsSaidNotThrown(RecordKind kind, string hex) =>
        Assert.IsType<UnreadableItem>(Assert.Single(new Recorded().Add(kind, Convert.FromHexString(hex)).Items()));

    [Theory]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("not json")]
    [InlineData("""{"channel":0}""")]
    [InlineData("""{"event":"x"}""")]
    [InlineData("""{"event":"x","channel":-1}""")]
    [InlineData("""{"event":1,"channel":0}""")]
    [InlineData("""{"event":"observed","would":["deny"],"command":3}""")]
    public void WhatIsNoChannelsEventIsANote(string json)
    {
        var item = Assert.Single(new Recorded().Add(RecordKind.Event, Encoding.UTF8.GetBytes(json)).Items());
        Assert.Equal(new NoteItem(Recorded.Begun, RecordKind.Event, json), item);
    }

    [Theory]
    [InlineData("""{"event":"x","channel":0,"other":"\ud800"}""")]
    [InlineData("""{"event":"x","channel":0,"\udc00":1}""")]
    [InlineData("""{"event":"\ud800","channel":0}""")]
    [InlineData("""{"event":"x","channel":0,"deep":{"a":[1,{"b":"c d"}]}}""")]
    public void NoEventBreaksAWriter(string json)
    {
        var recorded = new Recorded().Output("x").Add(RecordKind.Event, Encoding.UTF8.GetBytes(json));
        Assert.NotEmpty(recorded.Write(static output => new SshTerminalWriter(output, false)));
        Assert.NotEmpty(recorded.Write(static output => new SshJsonLines(output)));
        Assert.NotEmpty(recorded.Write(static output => new AsciicastWriter(output, AsciicastVersion.V2, true)));
    }

    [Fact]
    public void JsonLinesHoldEveryByte()
    {
        var lines = new Recorded().Runs(1, "cat é").Command(2, [(byte)'l', 0xff]).Output(Mixed).Error("bad\u001b[2J").Input("in")
            .Event("file", static told => told with { Path = "/tmp/\u001b[2J", BytesRead = 7 }).Closed().Write(static output => new SshJsonLines(output)).TrimEnd().Split('\n');
        var read = lines.Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(lines, static line => Assert.DoesNotContain(line, char.IsControl));
        Assert.Equal(
            ["command", "event", "command", "output", "error", "input", "event", "output", "session_closed"],
            read.Select(static line => line.GetProperty("kind").GetString()));
        Assert.Equal(("cat é", "allow", true), (Text(read[0], "text"), Text(read[0], "decision"), read[0].GetProperty("ran").GetBoolean()));
        Assert.Equal([(byte)'l', 0xff], read[2].GetProperty("base64").GetBytesFromBase64());
        Assert.Equal(Mixed, read[3].GetProperty("base64").GetBytesFromBase64().Concat(read[7].GetProperty("base64").GetBytesFromBase64()));
        Assert.Equal("bad\u001b[2J", Text(read[4], "text"));
        Assert.Equal("/tmp/\u001b[2J", Text(read[6].GetProperty("data"), "path"));
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}
