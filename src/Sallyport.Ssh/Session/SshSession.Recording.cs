using System.Text;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Shell;

namespace Sallyport.Ssh.Session;

/// <content>What the recording is given, and what the client is told on stderr.</content>
internal sealed partial class SshSession
{
    /// <summary>Takes note of something; it is recorded before what was written with it is sent. Inside the lock.</summary>
    private void Note(ChannelEvent happened) => _events.Enqueue(happened);

    private async ValueTask<bool> RecordEventsAsync()
    {
        while (true)
        {
            Step step;
            lock (_sync)
                step = TryRecordEvents();
            if (step != Step.WaitForRoom)
                return step == Step.Done;
            if (!await _gate.RoomAsync())
                return false;
        }
    }

    /// <summary>Readers and whoever works beside them come here. Inside the lock: each event is recorded once, in its order.</summary>
    private Step TryRecordEvents()
    {
        while (_events.TryPeek(out var next))
        {
            if (TryAppend(RecordKind.Event, default, next.ToJson()) is var step and not Step.Done)
                return step;
            _events.Dequeue();
        }
        return Step.Done;
    }

    private async ValueTask<bool> AppendAsync(RecordKind kind, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> payload)
    {
        while (true)
        {
            var step = TryAppend(kind, head.Span, payload.Span);
            if (step != Step.WaitForRoom)
                return step == Step.Done;
            if (!await _gate.RoomAsync())
                return false;
        }
    }

    /// <summary>Records bytes of a channel. Inside the lock.</summary>
    private Step TryRecord(RecordKind kind, Channel channel, ChannelStream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[ChannelRecord.HeadSize];
        ChannelRecord.WriteHead(head, channel.Number, stream);
        return TryAppend(kind, head, data);
    }

    /// <summary>Where there is no room everything is left as it was.</summary>
    private Step TryAppend(RecordKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        switch (Session.Recorder.TryAppend(kind, head, payload, out _))
        {
            case RecordOutcome.Taken:
                return Step.Done;
            case RecordOutcome.Full:
                return Step.WaitForRoom;
            default:
                End(SessionEnd.RecorderFailed, "the recording cannot be written", "the recording cannot be written, and nothing passes without it");
                return Step.End;
        }
    }

    /// <summary>A line of the gateway's own on a channel's stderr, recorded as the client sees it.</summary>
    private async Task SayAsync(Channel channel, string words)
    {
        var line = Line(channel, words);
        var stream = ChannelStream.Error;
        if (channel is { HasPty: true, Filter: CommandShell shell })
        {
            // Clients write stdout first, whatever came first: the next prompt would stand before why there is one.
            stream = ChannelStream.Data;
            lock (_sync)
                line = shell.BeginsLine() ? line : [.. "\r\n"u8, .. line];
        }
        var head = new byte[ChannelRecord.HeadSize];
        ChannelRecord.WriteHead(head, channel.Number, stream);
        if (!await AppendAsync(RecordKind.Answer, head, line))
            return;
        lock (_sync)
            channel.ToClient.SendData((uint)stream, line);
    }

    /// <summary>A terminal in raw mode needs the carriage return.</summary>
    private static byte[] Line(Channel channel, string words) => Encoding.UTF8.GetBytes(
        string.Concat(words.Split('\n').Select(line => $"sallyport: {SafeText.Show(line)}{(channel.HasPty ? "\r\n" : "\n")}")));

    /// <summary>Records the ends of channels that were open when the session ended.</summary>
    private async Task RecordEndsAsync()
    {
        lock (_sync)
        {
            // Not an enumeration: what is forgotten leaves the list.
            for (var i = 0; i < _channels.Count; i++)
            {
                if (_channels[i] is { } channel)
                    Forget(channel);
            }
        }
        await RecordEventsAsync();
    }

    /// <summary>A string of the peer's for a record: escaped, and not longer than anybody reads.</summary>
    private static string Shown(ReadOnlySpan<byte> text) => SafeText.Short(Encoding.UTF8.GetString(text), 256);
}
