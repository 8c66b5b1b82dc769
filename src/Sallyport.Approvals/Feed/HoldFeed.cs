using System.Collections.Immutable;

namespace Sallyport.Approvals;

/// <summary>
/// Tells subscribers of holds without ever waiting for them: each has a bounded queue, and what does not fit is counted as missed.
/// Thread-safe.
/// </summary>
public sealed class HoldFeed
{
    private ImmutableArray<HoldSubscription> _subscriptions = [];

    /// <summary>Events from now on, at most <paramref name="capacity"/> unread. Dispose it to leave.</summary>
    public HoldSubscription Subscribe(int capacity)
    {
        var subscription = new HoldSubscription(capacity, this);
        ImmutableInterlocked.Update(ref _subscriptions, static (all, one) => all.Add(one), subscription);
        return subscription;
    }

    internal void Publish(HoldEvent change)
    {
        foreach (var subscription in _subscriptions)
            subscription.Offer(change);
    }

    internal void Leave(HoldSubscription subscription) =>
        ImmutableInterlocked.Update(ref _subscriptions, static (all, one) => all.Remove(one), subscription);
}
