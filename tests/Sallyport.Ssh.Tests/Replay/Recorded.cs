using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Replay;

namespace Sallyport.Ssh.Tests.Replay;

/// <summary>The records of one session, a second apart unless told otherwise, and what the replay makes of them.</summary>
internal sealed class Recorded
{
    public static readonly DateTimeOffset Begun = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private readonly List<(DateTimeOffset At, RecordKind Kind, byte[] Payload)> _records = [];
    private DateTimeOffset _now = Begun;

    public Recorded Wait(double seconds)
    {
        _now = _now.AddSeconds(seconds);
        return this;
    }

    public Recorded Opened() => Add(RecordKind.SessionOpened, """{"protocol":"ssh","principal":"ana","resource":"web"}"""u8);

    public Recorded Closed() => Add(RecordKind.SessionClosed, """{"end":"client_closed"}"""u8);

    public Recorded Output(string text, uint channel = 0) => Output(Encoding.UTF8.GetBytes(text), channel);

    public Recorded Output(ReadOnlySpan<byte> bytes, uint channel = 0) => Add(RecordKind.Answer, BytesOf(channel, ChannelStream.Data, bytes));

    public Recorded Error(string text, uint channel = 0) =>
        Add(RecordKind.Answer, BytesOf(channel, ChannelStream.Error, Encoding.UTF8.GetBytes(text)));

    public Recorded Input(string text, uint channel = 0) =>
        Add(RecordKind.Input, BytesOf(channel, ChannelStream.Data, Encoding.UTF8.GetBytes(text)));

    public Recorded Event(string name, Func<ChannelEvent, ChannelEvent>? with = null, uint channel = 0)
    {
        var told = new ChannelEvent(name) { Channel = channel };
        return Add(RecordKind.Event, (with is null ? told : with(told)).ToJson());
    }

    public Recorded Pty(uint columns = 80, uint rows = 24, uint channel = 0) =>
        Event("pty", told => told with { Terminal = "xterm", Columns = columns, Rows = rows }, channel);

    /// <summary>A command record, and the event that says which channel runs it.</summary>
    public Recorded Runs(ulong number, string text, string request = "exec", uint channel = 0) => Command(number, text)
        .Event("command", told => told with { Command = number, Request = request }, channel);

    public Recorded Command(ulong number, string text, DecisionKind decision = DecisionKind.Allow, CommandFlags flags = CommandFlags.None) =>
        Command(number, Encoding.UTF8.GetBytes(text), decision, flags);

    public Recorded Command(ulong number, byte[] text, DecisionKind decision = DecisionKind.Allow, CommandFlags flags = CommandFlags.None)
    {
        var record = new CommandRecord
        {
            Number = number,
            Decision = decision,
            Flags = flags,
            Rule = "ops"u8,
            Snapshot = "0123456789abcdef"u8,
            Text = text,
            Parameters = CommandJournal.NoParameters,
        };
        var payload = new byte[record.Size];
        record.Write(payload);
        return Add(RecordKind.Command, payload);
    }

    public Recorded Add(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        _records.Add((_now, kind, payload.ToArray()));
        return this;
    }

    public List<TranscriptItem> Items()
    {
        var transcript = new SshTranscript();
        return [.. _records.SelectMany(record => transcript.Add(record.At, record.Kind, record.Payload)), .. transcript.Complete()];
    }

    /// <summary>What a writer makes of it, closed as the printer does; with its complaint when it has one.</summary>
    public string Write(Func<TextWriter, TranscriptWriter> make)
    {
        var output = new StringWriter { NewLine = "\n" };
        var writer = make(output);
        foreach (var item in Items())
            writer.Write(item);
        if (writer.Complete() is { } nothing)
            output.Write("nothing: " + nothing);
        writer.Close();
        return output.ToString();
    }

    private static byte[] BytesOf(uint channel, ChannelStream stream, ReadOnlySpan<byte> bytes)
    {
        var payload = new byte[ChannelRecord.HeadSize + bytes.Length];
        ChannelRecord.WriteHead(payload, channel, stream);
        bytes.CopyTo(payload.AsSpan(ChannelRecord.HeadSize));
        return payload;
    }
}
