namespace Sallyport.Ssh.Replay;

/// <summary>
/// What of a session belongs to one channel: its bytes and events, the commands that its events name, and what is of the session as a
/// whole. A command waits until an event says whose it is; those that none names (each operation of SFTP) are nobody's.
/// </summary>
internal sealed class ChannelFilter(uint channel)
{
    /// <summary>More than a session can have undecided at once.</summary>
    private const int MaxWaiting = 1024;

    private readonly SortedDictionary<ulong, CommandItem> _waiting = [];

    /// <summary>Whether anything of the channel passed by.</summary>
    public bool Found { get; private set; }

    public IEnumerable<TranscriptItem> Pass(TranscriptItem item)
    {
        switch (item)
        {
            case CommandItem command:
                _waiting[command.Number] = command;
                if (_waiting.Count > MaxWaiting)
                    _waiting.Remove(_waiting.First().Key);
                return [];
            case ChannelBytesItem bytes:
                Found |= bytes.Channel == channel;
                return bytes.Channel == channel ? [item] : [];
            case ChannelEventItem told:
                CommandItem? named = null;
                if (told.Event.Command is { } number)
                    _waiting.Remove(number, out named);
                if (told.Channel != channel)
                    return [];
                Found = true;
                return named is null ? [item] : [named, item];
            default:
                return [item];
        }
    }
}

/// <summary>Hands only one channel's items on.</summary>
public sealed class ChannelSelection(uint channel, TranscriptWriter writer) : TranscriptWriter
{
    private readonly ChannelFilter _filter = new(channel);

    public override void Write(TranscriptItem item)
    {
        foreach (var passed in _filter.Pass(item))
            writer.Write(passed);
    }

    public override string? Complete() => _filter.Found ? writer.Complete() : $"this session has no channel {channel}.";

    public override void Close() => writer.Close();
}
