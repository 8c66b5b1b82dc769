using System.Text;
using Sallyport.Ssh.Recording;

namespace Sallyport.Ssh.Replay;

/// <summary>The items of an SSH session.</summary>
public sealed class SshTranscript : ITranscript
{
    private readonly SortedDictionary<(uint Channel, ChannelFlow Flow), RuneKeeper> _streams = [];
    private readonly HashSet<uint> _terminals = [];
    private DateTimeOffset _last;

    public IReadOnlyList<TranscriptItem> Add(DateTimeOffset at, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        _last = at;
        var items = new List<TranscriptItem>();
        switch (kind)
        {
            case RecordKind.Command:
                items.Add(CommandRecord.TryRead(payload, out var command)
                    ? CommandItem.Of(at, command)
                    : new UnreadableItem(at, $"a command record of {payload.Length} bytes"));
                break;
            case RecordKind.Answer or RecordKind.Input:
                AddBytes(at, kind, payload, items);
                break;
            case RecordKind.Event:
                AddEvent(at, payload, items);
                break;
            case RecordKind.SessionClosed or RecordKind.Interrupted:
                Flush(at, null, items);
                items.Add(new NoteItem(at, kind, Encoding.UTF8.GetString(payload)));
                break;
            default:
                items.Add(new NoteItem(at, kind, Encoding.UTF8.GetString(payload)));
                break;
        }
        return items;
    }

    public IReadOnlyList<TranscriptItem> Complete()
    {
        var items = new List<TranscriptItem>();
        Flush(_last, null, items);
        return items;
    }

    private void AddBytes(DateTimeOffset at, RecordKind kind, ReadOnlySpan<byte> payload, List<TranscriptItem> items)
    {
        if (!ChannelRecord.TryRead(payload, out var record))
        {
            items.Add(new UnreadableItem(at, $"a record of {payload.Length} bytes of a channel"));
            return;
        }
        var flow = kind == RecordKind.Input ? ChannelFlow.Input
            : record.Stream == ChannelStream.Error ? ChannelFlow.Error : ChannelFlow.Output;
        if (!_streams.TryGetValue((record.Channel, flow), out var stream))
            _streams.Add((record.Channel, flow), stream = new RuneKeeper());
        var bytes = stream.Add(record.Bytes);
        if (bytes.Length > 0)
            items.Add(new ChannelBytesItem(at, record.Channel, flow, _terminals.Contains(record.Channel), bytes));
    }

    private void AddEvent(DateTimeOffset at, ReadOnlySpan<byte> payload, List<TranscriptItem> items)
    {
        var json = Encoding.UTF8.GetString(payload);
        if (ChannelEvent.Read(payload) is not { Event: not null, Channel: { } channel } read)
        {
            items.Add(new NoteItem(at, RecordKind.Event, json));
            return;
        }
        if (read.Event == "pty")
            _terminals.Add(channel);
        if (read.Event == "channel_closed")
        {
            Flush(at, channel, items);
            _terminals.Remove(channel);
        }
        items.Add(new ChannelEventItem(at, channel, read, json));
    }

    /// <summary>Hands out beginnings of runes whose rest cannot come any more: of one channel, or of all.</summary>
    private void Flush(DateTimeOffset at, uint? channel, List<TranscriptItem> items)
    {
        foreach (var (key, stream) in _streams.Where(stream => channel is null || stream.Key.Channel == channel).ToList())
        {
            if (stream.Take() is { Length: > 0 } rest)
                items.Add(new ChannelBytesItem(at, key.Channel, key.Flow, _terminals.Contains(key.Channel), rest));
            _streams.Remove(key);
        }
    }
}
