namespace Sallyport.Ssh.Channels;

/// <summary>What a channel's bytes go through on their way. Guarded by the session's lock.</summary>
internal abstract class ChannelFilter : IDisposable
{
    /// <summary>Something that came from the client waits here, for a decision: it is not credited yet.</summary>
    public virtual bool IsWaiting => false;

    /// <summary>Takes data of the client's and sends what passes.</summary>
    public abstract void FromClient(ReadOnlySpan<byte> data);

    /// <summary>The client sends no more data; passed on behind all that it sent.</summary>
    public abstract void EofFromClient();

    /// <summary>Takes data of the upstream's and sends what passes.</summary>
    public abstract void FromUpstream(uint type, ReadOnlySpan<byte> data);

    /// <summary>All that was sent to the client is on its way.</summary>
    public virtual void Drained()
    {
    }

    /// <summary>Nothing more comes from the upstream on this channel.</summary>
    public virtual void End()
    {
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
