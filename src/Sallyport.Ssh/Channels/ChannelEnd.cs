namespace Sallyport.Ssh.Channels;

/// <summary>
/// One leg's view of a channel (RFC 4254 §5): the peer's number and window, ours, and which ends were said. Our own number is the
/// channel's place in the session, the same on both legs.
/// </summary>
internal sealed class ChannelEnd
{
    /// <summary>What a peer may send before it is credited, in bytes.</summary>
    public const uint Window = 2 * 1024 * 1024;

    /// <summary>The longest data of one message that is taken.</summary>
    public const uint MaxPacket = 32 * 1024;

    /// <summary>The peer has named its number: messages may be sent to it.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The peer was asked to open it and has not answered.</summary>
    public bool IsOpening { get; set; }

    public uint PeerNumber { get; private set; }

    /// <summary>What may still be sent to the peer.</summary>
    public uint PeerWindow { get; private set; }

    /// <summary>The longest data that may be sent in one message.</summary>
    public int PeerMaxPacket { get; private set; }

    /// <summary>What the peer may still send.</summary>
    public uint OwnWindow { get; private set; } = Window;

    public bool HasSentEof { get; set; }

    public bool HasSentClose { get; set; }

    public bool HasReceivedEof { get; set; }

    public bool HasReceivedClose { get; set; }

    /// <summary>The peer said that it sends no more; what data it sends all the same reaches nobody.</summary>
    public bool HasEnded => HasReceivedEof || HasReceivedClose;

    /// <summary>Nothing will be said about it any more.</summary>
    public bool IsOver => IsOpen ? HasSentClose && HasReceivedClose : !IsOpening;

    public void Open(uint number, uint window, uint maxPacket)
    {
        PeerNumber = number;
        PeerWindow = window;
        PeerMaxPacket = (int)Math.Clamp(maxPacket, 1, MaxPacket);
        IsOpen = true;
        IsOpening = false;
    }

    /// <summary>WINDOW_ADJUST. False: it would be more than 2^32 - 1 (RFC 4254 §5.2).</summary>
    public bool TryWiden(uint bytes)
    {
        if (bytes > uint.MaxValue - PeerWindow)
            return false;
        PeerWindow += bytes;
        return true;
    }

    public void Spend(int bytes) => PeerWindow -= (uint)bytes;

    /// <summary>The peer sent data. False: more than it may.</summary>
    public bool TryTake(int bytes)
    {
        if ((uint)bytes > OwnWindow || (uint)bytes > MaxPacket)
            return false;
        OwnWindow -= (uint)bytes;
        return true;
    }

    /// <summary>The peer may send that much more; the caller tells it.</summary>
    public void Credit(uint bytes) => OwnWindow += bytes;
}
