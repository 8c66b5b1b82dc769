using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>What the holds of one broker share, and where each of their changes is told.</summary>
internal sealed class HoldBook
{
    private readonly ApprovalOptions _options;

    public HoldBook(IHoldStore store, TimeProvider time, ApprovalOptions options, HoldFeed feed, HoldMetrics metrics)
    {
        _options = options;
        Time = time;
        Journal = new HoldJournal(store, time, options.StoreTimeout);
        Table = new HoldTable(options);
        Grants = new GrantTable(time, options);
        Feed = feed;
        Metrics = metrics;
    }

    public TimeProvider Time { get; }

    public HoldJournal Journal { get; }

    public HoldTable Table { get; }

    public GrantTable Grants { get; }

    private HoldFeed Feed { get; }

    private HoldMetrics Metrics { get; }

    public void Registered(HeldCommand command)
    {
        Metrics.Waits(command.Hold);
        Publish(HoldEventKind.Asked, command, null, command.Hold.Terms.Count);
    }

    public void Counted(HeldCommand command, int stillNeeded) => Publish(HoldEventKind.Counted, command, null, stillNeeded);

    public void Settled(HeldCommand command, HoldOutcome outcome)
    {
        Metrics.Ends(command.Hold, outcome.State, command.Elapsed);
        Publish(HoldEventKind.Ended, command, outcome, 0);
    }

    public void Remove(HeldCommand command) => Table.Remove(command);

    /// <summary>How long commands like this one pass from now, or null.</summary>
    public TimeSpan? Grant(Hold hold, Tally tally)
    {
        if (tally.GrantFor is not { } asked)
            return null;
        var duration = asked < _options.MaxGrant ? asked : _options.MaxGrant;
        return Grants.TryAdd(hold, duration, tally.Names) ? duration : null;
    }

    private void Publish(HoldEventKind kind, HeldCommand command, HoldOutcome? outcome, int stillNeeded) =>
        Feed.Publish(new HoldEvent(kind, command.Hold, outcome, stillNeeded, Time.GetUtcNow()));
}
