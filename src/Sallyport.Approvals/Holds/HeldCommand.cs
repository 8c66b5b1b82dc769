using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// One hold or ticket from asking to its end. Whoever sets the outcome first (one atomic exchange) decides; an approval or
/// rejection tries that only after the store took it, under the turn; what ends a hold from outside (withdrawal, expiry, stop)
/// sets it at once and writes when the turn comes, so the store's last word is always the outcome.
/// </summary>
internal sealed partial class HeldCommand
{
    private static readonly TimeSpan SaveAgainAfter = TimeSpan.FromSeconds(10);

    private readonly HoldBook _book;
    private readonly Turn _turn = new();
    private readonly TaskCompletionSource<HoldOutcome> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _within;
    private readonly long _startedAt;
    private HoldOutcome? _outcome;
    private Tally _tally = Tally.Empty;
    private Hold _hold;
    private ITimer? _timer;
    private volatile bool _isRegistered;

    public HeldCommand(Hold hold, TimeSpan within, HoldBook book)
    {
        _hold = hold;
        _book = book;
        _within = within > TimeSpan.Zero ? within : TimeSpan.Zero;
        _startedAt = book.Time.GetTimestamp();
    }

    public Hold Hold => Volatile.Read(ref _hold);

    public Task<HoldOutcome> Told => _told.Task;

    public HoldOutcome? Outcome => Volatile.Read(ref _outcome);

    public TimeSpan Elapsed => _book.Time.GetElapsedTime(_startedAt);

    public TimeSpan Remaining => _within - Elapsed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    public bool IsOver => Elapsed >= _within;

    /// <summary>The store has it, so that approvers may see it.</summary>
    public bool IsRegistered => _isRegistered;

    /// <summary>Waiting for people, or approved and not used yet.</summary>
    public bool IsOpen => Outcome is null || (IsUsable && Volatile.Read(ref _spent) == Unspent);

    public void SetEstimate(string estimate)
    {
        Hold hold;
        do
            hold = Hold;
        while (Interlocked.CompareExchange(ref _hold, hold with { Estimate = estimate }, hold) != hold);
    }

    public HoldView View()
    {
        var (hold, tally, outcome) = (Hold, Volatile.Read(ref _tally), Outcome);
        var state = Volatile.Read(ref _spent) switch
        {
            Spent => HoldState.Used,
            Lapsed => HoldState.Expired,
            _ => outcome?.State ?? HoldState.Waiting,
        };
        return new HoldView(hold, state, outcome?.By ?? tally.Names, outcome?.Reason ?? tally.LastReason,
            tally.Text ?? hold.Text, tally.Revision, outcome is null ? StillNeeded(tally) : 0, Remaining);
    }

    /// <summary>Writes it and starts its clock; false when the store did not take it, and then it has ended.</summary>
    public async Task<bool> RegisterAsync()
    {
        await _turn.TakeAsync(int.MaxValue);
        try
        {
            if (Outcome is null && await _book.Journal.AddAsync(Hold))
            {
                _isRegistered = true;
                _book.Registered(this);
            }
            else
            {
                TrySet(new HoldOutcome(HoldState.Expired, [], Reasons.StoreFailed));
            }
        }
        finally
        {
            _turn.Leave();
        }
        if (_isRegistered)
            Arm();
        else
            Tell(forget: true);
        return _isRegistered;
    }

    /// <summary>Takes up a ticket that the store kept over a restart; <paramref name="outcome"/> null: still waiting.</summary>
    public void Restore(HoldOutcome? outcome)
    {
        _isRegistered = true;
        if (outcome is not null)
        {
            TrySet(outcome);
            _told.TrySetResult(outcome);
        }
        else
        {
            _book.Registered(this);
        }
        Arm();
    }

    /// <summary>Ends it from outside; false when it had ended.</summary>
    public bool End(HoldState state, string reason)
    {
        if (!TrySet(new HoldOutcome(state, [], reason)))
            return false;
        _ = FinishAsync();
        return true;
    }

    public async Task<DecideResult> DecideAsync(Vote vote, int longestLine)
    {
        if (!await _turn.TakeAsync(longestLine))
            return new DecideResult(DecideOutcome.Busy);
        try
        {
            if (IsOver)
                End(HoldState.Expired, Reasons.Late);
            if (Outcome is { } ended)
                return DecideResult.AlreadyDecided(ended.State);
            return vote.Kind == VoteKind.Reject
                ? await ConcludeAsync(new HoldOutcome(HoldState.Rejected, [vote.By.Name], vote.Reason), _tally)
                : await CountAsync(vote);
        }
        finally
        {
            _turn.Leave();
        }
    }

    private async Task<DecideResult> CountAsync(Vote vote)
    {
        var counted = _tally.Count(vote, Hold.Text, out var next);
        if (counted != DecideOutcome.Counted)
            return new DecideResult(counted, StillNeeded: StillNeeded(_tally));
        var missing = StillNeeded(next);
        if (missing == 0)
        {
            var state = next.Text is null ? HoldState.Approved : HoldState.Modified;
            return await ConcludeAsync(new HoldOutcome(state, next.Names, next.LastReason, next.Text), next);
        }
        var saved = await _book.Journal.UpdateAsync(new StoredHold(Hold, HoldState.Waiting, next.Names, next.LastReason, next.Text, null));
        if (Outcome is { } ended)
            return DecideResult.AlreadyDecided(ended.State);
        if (!saved)
            return new DecideResult(DecideOutcome.StoreFailed);
        Volatile.Write(ref _tally, next);
        _book.Counted(this, missing);
        return new DecideResult(DecideOutcome.Counted, HoldState.Waiting, missing);
    }

    private async Task<DecideResult> ConcludeAsync(HoldOutcome outcome, Tally tally)
    {
        var saved = await _book.Journal.UpdateAsync(Stored(outcome));
        if (IsOver)
            End(HoldState.Expired, Reasons.Late);
        if (!saved)
            return Outcome is { } ended ? DecideResult.AlreadyDecided(ended.State) : new DecideResult(DecideOutcome.StoreFailed);
        if (!TrySet(outcome))
            return DecideResult.AlreadyDecided(Outcome!.State);
        Volatile.Write(ref _tally, tally);
        var granted = outcome.State == HoldState.Approved ? _book.Grant(Hold, tally) : null;
        Tell(forget: !IsUsable);
        return new DecideResult(DecideOutcome.Done, outcome.State, GrantedFor: granted);
    }

    private async Task FinishAsync()
    {
        var outcome = Outcome!;
        var saved = await SaveAsync(outcome);
        Tell(forget: saved || !_isRegistered);
        if (!saved && _isRegistered)
            await KeepSavingAsync(outcome);
    }

    /// <summary>Until the store has it, this is the only place that knows the end: it stays in the table, and counts there.</summary>
    private async Task KeepSavingAsync(HoldOutcome outcome)
    {
        do
            await Task.Delay(SaveAgainAfter, _book.Time);
        while (!await SaveAsync(outcome));
        _book.Remove(this);
    }

    private async Task<bool> SaveAsync(HoldOutcome outcome)
    {
        await _turn.TakeAsync(int.MaxValue);
        try
        {
            return _isRegistered && await _book.Journal.UpdateAsync(Stored(outcome));
        }
        finally
        {
            _turn.Leave();
        }
    }

    private void Arm()
    {
        var timer = _book.Time.CreateTimer(static state => ((HeldCommand)state!).OnDeadline(), this, Remaining, Timeout.InfiniteTimeSpan);
        Volatile.Write(ref _timer, timer);
        if (!IsOpen)
            timer.Dispose();
    }

    private void OnDeadline()
    {
        if (!End(HoldState.Expired, Reasons.Late) && IsUsable)
            Lapse(HoldState.Expired, Reasons.Unused);
    }

    private void Tell(bool forget)
    {
        var outcome = Outcome!;
        if (!IsUsable)
            Volatile.Read(ref _timer)?.Dispose();
        if (forget)
            _book.Remove(this);
        if (_isRegistered)
            _book.Settled(this, outcome);
        _told.TrySetResult(outcome);
    }

    private bool TrySet(HoldOutcome outcome) => Interlocked.CompareExchange(ref _outcome, outcome, null) is null;

    private int StillNeeded(Tally tally) => Math.Max(0, Hold.Terms.Count - tally.Votes.Length);

    private StoredHold Stored(HoldOutcome outcome) =>
        new(Hold, outcome.State, outcome.By, outcome.Reason, outcome.ModifiedText, _book.Time.GetUtcNow());
}
