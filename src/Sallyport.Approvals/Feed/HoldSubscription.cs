using System.Threading.Channels;

namespace Sallyport.Approvals;

/// <summary>One subscriber's queue. When <see cref="Missed"/> grows, list the holds again: they are the truth, not the events.</summary>
public sealed class HoldSubscription : IDisposable
{
    private readonly Channel<HoldEvent> _channel;
    private readonly HoldFeed _feed;
    private long _missed;

    internal HoldSubscription(int capacity, HoldFeed feed)
    {
        _feed = feed;
        _channel = Channel.CreateBounded<HoldEvent>(new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.Wait });
    }

    /// <summary>In order; completes after <see cref="Dispose"/>.</summary>
    public ChannelReader<HoldEvent> Events => _channel.Reader;

    public long Missed => Volatile.Read(ref _missed);

    internal void Offer(HoldEvent change)
    {
        if (!_channel.Writer.TryWrite(change))
            Interlocked.Increment(ref _missed);
    }

    public void Dispose()
    {
        _feed.Leave(this);
        _channel.Writer.TryComplete();
    }
}
