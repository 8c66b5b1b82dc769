using Sallyport.Ssh.Shell;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Channels;

/// <summary>What a channel is for.</summary>
internal enum ChannelKind : byte
{
    Session,
    DirectTcpIp,
    ForwardedTcpIp,
}

/// <summary>What runs on a session channel. It can be asked for once.</summary>
internal enum ChannelUse : byte
{
    None,

    /// <summary>Asked for, and being decided.</summary>
    Deciding,

    Running,

    /// <summary>Refused or ended here; whatever comes is ignored.</summary>
    Ended,
}

/// <summary>A channel through the gateway: an end on each leg and a flow towards each. Guarded by the session's lock.</summary>
internal sealed class Channel
{
    /// <param name="index">Our number for it on both legs.</param>
    /// <param name="number">Its number in the recording.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="client">The client's leg.</param>
    /// <param name="upstream">The upstream's leg.</param>
    /// <param name="settled">Called when a flow has nothing left to send.</param>
    public Channel(int index, uint number, ChannelKind kind, Leg client, Leg upstream, Action<Channel, Flow> settled)
    {
        Index = index;
        Number = number;
        Kind = kind;
        ToClient = new Flow(client, new ChannelEnd(), flow => settled(this, flow));
        ToUpstream = new Flow(upstream, new ChannelEnd(), flow => settled(this, flow));
        ClientReplies = new ReplyQueue((reply, rest) => ToClient.Send(reply, rest));
    }

    public int Index { get; }

    public uint Number { get; }

    public ChannelKind Kind { get; }

    public Flow ToClient { get; }

    public Flow ToUpstream { get; }

    public ChannelEnd Client => ToClient.End;

    public ChannelEnd Upstream => ToUpstream.End;

    /// <summary>Replies to the client's requests.</summary>
    public ReplyQueue ClientReplies { get; }

    public ChannelUse Use { get; set; }

    public bool HasPty { get; set; }

    /// <summary>Its bytes are text, which is recorded and masked; not files, nor a forwarded connection's.</summary>
    public bool RecordsBytes { get; set; }

    /// <summary>Takes a hold on this channel back; null when none waits.</summary>
    public CancellationTokenSource? Withdraw { get; set; }

    /// <summary>The client took back what is being decided: a hold of it does not wait.</summary>
    public bool IsTakenBack { get; set; }

    /// <summary>Output that masks hold back is about to be sent.</summary>
    public bool IsReleasing { get; set; }

    /// <summary>What its bytes go through; null lets them through as they are.</summary>
    public ChannelFilter? Filter { get; set; }

    /// <summary>What its output is masked by, or null.</summary>
    public OutputMasks? Masks { get; set; }

    /// <summary>The terminal and the variables that the client asked for.</summary>
    public ChannelSettings Settings { get; } = new();

    /// <summary>Where the output comes from when it is not the channel's own upstream end: the line that a shell in command mode runs.</summary>
    public Flow? Source { get; set; }

    /// <summary>What is typed into a plain shell, for the record; null elsewhere.</summary>
    public LineHints? Hints { get; set; }

    /// <summary>Takes back what waits for people here, or is about to.</summary>
    public void TakeBack()
    {
        IsTakenBack = true;
        try
        {
            Withdraw?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // People had decided meanwhile.
        }
    }

    /// <summary>Both legs are done with it.</summary>
    public bool IsOver => Client.IsOver && Upstream.IsOver;

    /// <summary>The flow in the other direction than the one in which data came.</summary>
    public Flow TowardsSenderOf(Flow flow) => ReferenceEquals(flow, ToClient) ? Source ?? ToUpstream : ToClient;
}
