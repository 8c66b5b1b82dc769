namespace Sallyport.Core;

/// <summary>Shows or exports the items of one session, given in order. Owns nothing.</summary>
public abstract class TranscriptWriter
{
    public abstract void Write(TranscriptItem item);

    /// <summary>There are no more items. Why there was nothing to write, for the user, or null.</summary>
    public virtual string? Complete() => null;

    /// <summary>Called last, also after a cancel or an error: leaves the terminal as it was found.</summary>
    public virtual void Close()
    {
    }
}
