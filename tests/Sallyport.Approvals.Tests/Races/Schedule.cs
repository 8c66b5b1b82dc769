using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

/// <summary>
/// One random interleaving of everything that can happen to a hold, on one thread: each store write stays open until the
/// schedule lets it go (or fails it). The same seed runs the same way.
/// </summary>
internal sealed class Schedule
{
    private readonly Random _random;
    private readonly BrokerFixture _fixture;
    private readonly List<TaskCompletionSource> _writes = [];
    private readonly List<(Principal By, Task<DecideResult> Result)> _decisions = [];
    private readonly CancellationTokenSource _client = new();
    private readonly HoldSubscription _events;
    private readonly bool _storeFails;
    private bool _endedBeforeAnyPass;
    private bool _writeFailed;
    private bool _countedAfterItsEnd;

    public Schedule(int seed)
    {
        _random = new Random(seed);
        _storeFails = seed % 4 == 0;
        _fixture = new BrokerFixture(new ApprovalOptions { StoreTimeout = TimeSpan.FromDays(1) });
        _fixture.Store.BeforeWrite = _ =>
        {
            var write = new TaskCompletionSource();
            _writes.Add(write);
            return write.Task;
        };
        _events = _fixture.Feed.Subscribe(64);
    }

    /// <summary>Throws what is wrong; answers the state it ended in.</summary>
    public async Task<HoldState> RunAsync()
    {
        var hold = _fixture.NewHold(count: _random.Next(1, 3));
        var (id, waiter) = _fixture.Ask(hold, _client.Token);
        Action[] actions =
        [
            () => Decide(BrokerFixture.Dana, by => _fixture.ApproveAsync(id, by, grant: TimeSpan.FromMinutes(1))),
            () => Decide(BrokerFixture.Eli, by => _fixture.ApproveAsync(id, by, grant: TimeSpan.FromMinutes(1))),
            () => Decide(BrokerFixture.Person("fay"), by => _fixture.Broker.RejectAsync(id, by, "no")),
            () => Decide(BrokerFixture.Person("gus"), by => _fixture.Broker.ModifyAsync(id, by, "select 1", "smaller")),
            () => Decide(BrokerFixture.Person("hal"), by => _fixture.ApproveAsync(id, by, revision: 1)),
            () => EndBy(_client.Cancel),
            () => EndBy(() => _fixture.Time.Advance(TimeSpan.FromMinutes(11))),
            () => EndBy(() => _fixture.Broker.ForgetSession(_fixture.Session)),
            () => EndBy(() => _ = _fixture.Broker.StopAsync()),
        ];
        _random.Shuffle(actions);

        // Most schedules leave some of it out: what always ends in a withdrawal tests nothing else.
        foreach (var action in actions.Take(_random.Next(1, actions.Length + 1)))
        {
            while (_writes.Count > 0 && _random.Next(2) == 0)
                ReleaseOne();
            action();
        }
        ReleaseAll();
        if (!waiter.IsCompleted)
            EndBy(() => _fixture.Time.Advance(TimeSpan.FromMinutes(11)));
        ReleaseAll();
        var outcome = await waiter.WaitAsync(TimeSpan.FromSeconds(30));
        await CheckAsync(hold, outcome);
        _client.Dispose();
        _events.Dispose();
        _fixture.Dispose();
        return outcome.State;
    }

    private void Decide(Principal by, Func<Principal, Task<DecideResult>> decide)
    {
        _decisions.Add((by, DecideThenLookAsync()));

        async Task<DecideResult> DecideThenLookAsync()
        {
            var result = await decide(by);
            if (result.Outcome == DecideOutcome.Counted && _fixture.Broker.List().Count == 0)
                _countedAfterItsEnd = true;
            return result;
        }
    }

    private void EndBy(Action end)
    {
        if (!_decisions.Any(decision => decision.Result is { IsCompletedSuccessfully: true, Result.Outcome: DecideOutcome.Done }))
            _endedBeforeAnyPass = true;
        end();
    }

    private void ReleaseAll()
    {
        while (_writes.Count > 0)
            ReleaseOne();
    }

    private void ReleaseOne()
    {
        var at = _random.Next(_writes.Count);
        var write = _writes[at];
        _writes.RemoveAt(at);
        if (_storeFails && _random.Next(3) == 0)
        {
            _writeFailed = true;
            write.SetException(new IOException("the device is gone"));
        }
        else
        {
            write.SetResult();
        }
    }

    private async Task CheckAsync(Hold hold, HoldOutcome outcome)
    {
        var passes = outcome.State is HoldState.Approved or HoldState.Modified;
        Assert.False(passes && _endedBeforeAnyPass, "it passed after it was taken back");
        Assert.False(_countedAfterItsEnd, "an approver was told to count for a hold that had ended");
        Assert.NotEqual(HoldState.Waiting, outcome.State);

        var done = new List<Principal>();
        foreach (var (by, task) in _decisions)
        {
            var result = await task.WaitAsync(TimeSpan.FromSeconds(30));
            if (result.Outcome == DecideOutcome.Done)
            {
                Assert.Equal(outcome.State, result.State);
                done.Add(by);
            }
            else if (result.Outcome == DecideOutcome.AlreadyDecided)
            {
                Assert.Equal(outcome.State, result.State);
            }
            Assert.Equal(result.GrantedFor is not null, result.Outcome == DecideOutcome.Done && outcome.State == HoldState.Approved);
        }
        var decidedByPeople = passes || outcome.State == HoldState.Rejected;
        Assert.Equal(decidedByPeople ? 1 : 0, done.Count);
        if (decidedByPeople)
            Assert.Contains(done[0].Name, outcome.By);
        if (passes)
            Assert.Equal(hold.Terms.Count, outcome.By.Distinct().Count());

        if (passes || !_writeFailed)
            CheckStore(hold, outcome);
        CheckEvents(hold, outcome);
        if (outcome.State != HoldState.Approved)
            Assert.Equal(HoldPermit.None, _fixture.TryPass(hold));
    }

    private void CheckStore(Hold hold, HoldOutcome outcome)
    {
        if (!_fixture.Store.Has(hold.Id))
            return;
        var stored = _fixture.Store[hold.Id];
        Assert.Equal(outcome.State, stored.State);
        Assert.Equal(outcome.By, stored.DecidedBy);
        Assert.Equal(outcome.ModifiedText, stored.ModifiedText);
    }

    private void CheckEvents(Hold hold, HoldOutcome outcome)
    {
        var ended = new List<HoldOutcome?>();
        while (_events.Events.TryRead(out var change))
        {
            if (change.Kind == HoldEventKind.Ended)
                ended.Add(change.Outcome);
        }
        Assert.Equal(_fixture.Store.Has(hold.Id) ? [outcome] : [], ended);
    }
}
