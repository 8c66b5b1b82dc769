using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sallyport.Ssh.Recording;

/// <summary>
/// The payload of an Event record of an SSH session, as JSON; what does not apply is left out. <see cref="Event"/> is one of
/// <c>channel_opened</c> (<see cref="Kind"/>, <see cref="Destination"/>), <c>channel_refused</c> (as before, <see cref="Detail"/>),
/// <c>command</c> (which <see cref="Command"/> record this channel runs, <see cref="Request"/>: exec, shell, sftp, subsystem),
/// <c>pty</c> (<see cref="Terminal"/>, <see cref="Columns"/>, <see cref="Rows"/>), <c>resize</c>, <c>env</c> (<see cref="Name"/>,
/// <see cref="Value"/>), <c>signal</c> (to the upstream), <c>exit_status</c> (<see cref="Status"/>), <c>exit_signal</c>
/// (<see cref="Signal"/>, <see cref="Detail"/>), <c>eof</c> (<see cref="Side"/>), <c>request_refused</c> (<see cref="Request"/>,
/// <see cref="Detail"/>), <c>file</c> (an sftp handle that was closed: <see cref="Path"/>, <see cref="BytesRead"/>,
/// <see cref="BytesWritten"/>, <see cref="Sha256"/>), <c>channel_closed</c> (<see cref="BytesRead"/> to the client,
/// <see cref="BytesWritten"/> to the upstream, <see cref="Masked"/>, <see cref="Found"/>), <c>protocol_violation</c> (<see cref="Side"/>, <see cref="Detail"/>),
/// <c>line_ended</c> (a line of command mode: <see cref="Command"/>, <see cref="Status"/>, <see cref="Path"/> where the shell is now,
/// <see cref="Masked"/>, <see cref="Found"/>), <c>hint</c> (a line that seems to have been typed into a plain shell: <see cref="Value"/>,
/// <see cref="Detail"/> when that is doubtful), <c>observed</c> (what rules would have done with the hint before, <see cref="Detail"/>), and others later.
/// </summary>
public sealed record ChannelEvent(string Event)
{
    public uint? Channel { get; init; }

    /// <summary><c>session</c>, <c>direct-tcpip</c>, <c>forwarded-tcpip</c>.</summary>
    public string? Kind { get; init; }

    /// <summary><c>host:port</c>.</summary>
    public string? Destination { get; init; }

    public string? Request { get; init; }

    public ulong? Command { get; init; }

    public string? Terminal { get; init; }

    public uint? Columns { get; init; }

    public uint? Rows { get; init; }

    public string? Name { get; init; }

    public string? Value { get; init; }

    public string? Signal { get; init; }

    public uint? Status { get; init; }

    /// <summary><c>client</c> or <c>upstream</c>.</summary>
    public string? Side { get; init; }

    public string? Path { get; init; }

    public long? BytesRead { get; init; }

    public long? BytesWritten { get; init; }

    public string? Sha256 { get; init; }

    /// <summary>Bytes of the output that the client saw as <c>*</c>.</summary>
    public long? Masked { get; init; }

    /// <summary>What was surely among them: the names of detectors.</summary>
    public string? Found { get; init; }

    public string? Detail { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ChannelEventJson.Default.ChannelEvent);

    /// <summary>Null when it is no event of a channel.</summary>
    public static ChannelEvent? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ChannelEventJson.Default.ChannelEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChannelEvent))]
internal sealed partial class ChannelEventJson : JsonSerializerContext;
