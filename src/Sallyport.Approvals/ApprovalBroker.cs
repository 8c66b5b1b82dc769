using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// The broker over a store: holds and tickets wait here for people. Every outcome that lets a command pass is in the store before
/// anyone is told. Deadlines are monotonic: setting the wall clock does not extend them. Thread-safe.
/// Call <see cref="StartAsync"/> before the listeners open and <see cref="StopAsync"/> when they have closed.
/// </summary>
public sealed partial class ApprovalBroker : IApprovalBroker
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly IHoldStore _store;
    private readonly TimeProvider _time;
    private readonly ApprovalOptions _options;
    private readonly HoldBook _book;
    private volatile bool _stopping;

    public ApprovalBroker(IHoldStore store, TimeProvider time, ApprovalOptions options, HoldFeed feed, HoldMetrics metrics)
    {
        _store = store;
        _time = time;
        _options = options;
        _book = new HoldBook(store, time, options, feed, metrics);
    }

    public string NewId() => HoldIds.New();

    public async Task<HoldOutcome> HoldAsync(Hold hold, CancellationToken withdrawn)
    {
        if (hold.IsTicket)
            throw new ArgumentException("A ticket does not wait: ask for it with AskTicketAsync.", nameof(hold));
        if (withdrawn.IsCancellationRequested)
            return new HoldOutcome(HoldState.Withdrawn, [], Reasons.Gone);
        var limit = hold.InTransaction ? hold.Terms.WithinTransaction : hold.Terms.Within;
        var asked = hold.ExpiresAt - hold.AskedAt;
        var command = new HeldCommand(hold, asked < limit ? asked : limit, _book);
        if ((Refuse(hold) ?? _book.Table.TryAdd(command, restored: false).Refusal) is { } refusal)
            return new HoldOutcome(HoldState.Expired, [], refusal);
        await using var withdrawal = withdrawn.UnsafeRegister(
            static state => ((HeldCommand)state!).End(HoldState.Withdrawn, Reasons.Gone), command);
        await command.RegisterAsync();

        // A stop that did not see this hold in the table was before this line.
        if (_stopping)
            command.End(HoldState.Withdrawn, Reasons.Stopping);
        return await command.Told;
    }

    public async ValueTask<TicketAnswer> AskTicketAsync(Hold hold, CancellationToken cancellationToken)
    {
        var ticket = hold with { IsTicket = true };
        var asked = hold.ExpiresAt - hold.AskedAt;
        var command = new HeldCommand(ticket, asked < LongestWait ? asked : LongestWait, _book);
        if (Refuse(ticket) is { } refusal)
            return new TicketAnswer(null, refusal);
        var adding = _book.Table.TryAdd(command, restored: false);
        if (adding.Refusal is not null)
            return new TicketAnswer(null, adding.Refusal);
        if (adding.Standing is not null)
            return new TicketAnswer(adding.Standing.Hold.Id, null);
        adding.Replaced?.Replace();
        return await command.RegisterAsync() ? new TicketAnswer(ticket.Id, null) : new TicketAnswer(null, Reasons.StoreFailed);
    }

    public async ValueTask<bool> ConfirmUseAsync(string holdId, CancellationToken cancellationToken) =>
        _book.Table.Find(holdId) is { } command && await command.ConfirmUseAsync().WaitAsync(cancellationToken);

    public void SetEstimate(string holdId, string estimate)
    {
        var shown = estimate.Length <= _options.MaxReasonLength ? estimate : estimate[.._options.MaxReasonLength];
        _book.Table.Find(holdId)?.SetEstimate(shown);
    }

    public void ForgetSession(SessionId session)
    {
        _book.Grants.Forget(session);
        foreach (var command in _book.Table.All())
        {
            if (command.Hold.Session == session && !command.Hold.IsTicket)
                command.End(HoldState.Withdrawn, Reasons.SessionClosed);
        }
    }

    public HoldPermit TryPass(SessionId session, Principal principal, string resource, Decision decision, ReadOnlySpan<byte> hash,
        string shape, out ImmutableArray<string> by, out string? holdId)
    {
        if (_book.Grants.Find(session, principal, resource, shape, decision) is { } grant)
        {
            (by, holdId) = (grant.By, grant.HoldId);
            return HoldPermit.Grant;
        }
        if (TicketKey.TryMake(principal, resource, hash, out var key) && _book.Table.FindTicket(key) is { } ticket &&
            Answered.By(ticket.Hold).Covers(decision) && ticket.TryUse())
        {
            (by, holdId) = (ticket.Outcome!.By, ticket.Hold.Id);
            return HoldPermit.Ticket;
        }
        (by, holdId) = ([], null);
        return HoldPermit.None;
    }

    private string? Refuse(Hold hold)
    {
        if (_stopping)
            return Reasons.Stopping;
        long length = hold.Text.Length;
        foreach (var parameter in hold.Parameters)
            length += parameter.Text?.Length ?? 0;
        return length > _options.MaxTextLength ? Reasons.TooLong : null;
    }
}
