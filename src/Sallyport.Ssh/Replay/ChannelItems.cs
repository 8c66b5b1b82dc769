using Sallyport.Ssh.Recording;

namespace Sallyport.Ssh.Replay;

/// <summary>Which way bytes of a channel went.</summary>
public enum ChannelFlow : byte
{
    /// <summary>Standard output, to the client.</summary>
    Output,

    /// <summary>Standard error, to the client.</summary>
    Error,

    /// <summary>From the client.</summary>
    Input,
}

/// <summary>
/// Bytes of a channel as they passed. A rune of UTF-8 that was cut by the recording is whole in one item, so each item can be decoded
/// alone. With <see cref="IsTerminal"/> the channel has a pseudo-terminal and the output was meant to drive it.
/// </summary>
public sealed record ChannelBytesItem(DateTimeOffset At, uint Channel, ChannelFlow Flow, bool IsTerminal, byte[] Bytes)
    : TranscriptItem(At);

/// <summary>An event of a channel; <see cref="NoteItem.Json"/> has it with what this version does not know.</summary>
public sealed record ChannelEventItem(DateTimeOffset At, uint Channel, ChannelEvent Event, string Json)
    : NoteItem(At, RecordKind.Event, Json)
{
    /// <summary>What it says besides its name and channel, as <c>name=value</c>, on one line and safe for a terminal.</summary>
    public string Words => JsonWords.Of(Json, "event", "channel");
}
