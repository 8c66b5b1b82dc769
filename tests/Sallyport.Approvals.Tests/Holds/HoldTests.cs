using System.Diagnostics.Metrics;
using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

public sealed class HoldTests : IDisposable
{
    private readonly BrokerFixture _fixture = new(new ApprovalOptions
    {
        MaxPerSession = 2,
        MaxReasonLength = 10,
        MaxTextLength = 100,
        MaxDecidersInLine = 4,
    });

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Threat25_InATransactionTheHoldEndsAfterItsOwnShorterTime()
    {
        var (id, waiter) = _fixture.Ask(_fixture.NewHold() with { InTransaction = true });
        _fixture.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(waiter.IsCompleted);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HoldState.Expired, (await waiter).State);
        Assert.Equal(HoldState.Expired, _fixture.Store[id].State);
    }

    [Fact]
    public async Task Threat26_AnApprovalAfterTheClientLeftPassesNothing()
    {
        using var client = new CancellationTokenSource();
        var (id, waiter) = _fixture.Ask(withdrawn: client.Token);
        await client.CancelAsync();
        var late = await _fixture.ApproveAsync(id);

        Assert.Equal(HoldState.Withdrawn, (await waiter).State);
        Assert.Equal(new DecideResult(DecideOutcome.AlreadyDecided, HoldState.Withdrawn), late);
        Assert.Equal(HoldState.Withdrawn, _fixture.Store[id].State);
    }

    [Fact]
    public async Task Threat26_AClientThatLeavesWhileTheApprovalIsBeingWrittenIsNotApproved()
    {
        using var client = new CancellationTokenSource();
        var (id, waiter) = _fixture.Ask(withdrawn: client.Token);
        var write = new TaskCompletionSource();
        _fixture.Store.BeforeWrite = _ => write.Task;
        var approval = _fixture.ApproveAsync(id);
        await client.CancelAsync();
        write.SetResult();

        Assert.Equal(HoldState.Withdrawn, (await waiter).State);
        Assert.Equal(new DecideResult(DecideOutcome.AlreadyDecided, HoldState.Withdrawn), await approval);
        Assert.Equal(HoldState.Withdrawn, _fixture.Store[id].State);
    }

    [Fact]
    public async Task Threat96_SettingTheWallClockBackDoesNotExtendAHold()
    {
        var clock = new SkewedTimeProvider(_fixture.Time);
        using var metrics = new HoldMetrics();
        var broker = new ApprovalBroker(_fixture.Store, clock, new ApprovalOptions(), _fixture.Feed, metrics);
        var hold = _fixture.NewHold();
        var waiter = broker.HoldAsync(hold, default);
        clock.Skew = TimeSpan.FromHours(-5);
        _fixture.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(HoldState.Expired, (await waiter).State);
        Assert.Equal(DecideOutcome.AlreadyDecided, (await broker.ApproveAsync(hold.Id, BrokerFixture.Dana, ApproveScope.Once, null)).Outcome);
    }

    [Fact]
    public async Task AStoreThatCannotTakeTheHoldLetsNothingPass()
    {
        _fixture.Store.BeforeWrite = _ => throw new IOException("full");
        var (_, waiter) = _fixture.Ask();

        Assert.Equal(new HoldOutcome(HoldState.Expired, [], "the store cannot take the hold"), await waiter);
        Assert.Empty(_fixture.Broker.List());
    }

    [Fact]
    public async Task AnApprovalThatTheStoreCannotTakeIsToldSoAndMayBeRepeated()
    {
        var (id, waiter) = _fixture.Ask();
        _fixture.Store.BeforeWrite = _ => throw new IOException("full");
        var failed = await _fixture.ApproveAsync(id);
        Assert.False(waiter.IsCompleted);
        _fixture.Store.BeforeWrite = _ => Task.CompletedTask;
        var repeated = await _fixture.ApproveAsync(id);

        Assert.Equal(DecideOutcome.StoreFailed, failed.Outcome);
        Assert.Equal(DecideOutcome.Done, repeated.Outcome);
        Assert.Equal(HoldState.Approved, (await waiter).State);
    }

    [Fact]
    public async Task AnEndThatTheStoreMissedIsToldAndWrittenLater()
    {
        using var client = new CancellationTokenSource();
        var (id, waiter) = _fixture.Ask(withdrawn: client.Token);
        _fixture.Store.BeforeWrite = _ => throw new IOException("full");
        await client.CancelAsync();
        Assert.Equal(HoldState.Withdrawn, (await waiter).State);
        Assert.Equal(HoldState.Withdrawn, (await _fixture.ApproveAsync(id)).State);
        _fixture.Store.BeforeWrite = _ => Task.CompletedTask;
        var written = new TaskCompletionSource();
        _fixture.Store.AfterUpdate = written.SetResult;
        _fixture.Time.Advance(TimeSpan.FromSeconds(10));
        await written.Task;

        Assert.Equal(HoldState.Withdrawn, _fixture.Store[id].State);
    }

    [Fact]
    public async Task AStoreThatHangsIsGivenUp()
    {
        var (id, _) = _fixture.Ask();
        _fixture.Store.BeforeWrite = token => Task.Delay(Timeout.Infinite, token);
        var approval = _fixture.ApproveAsync(id);
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(DecideOutcome.StoreFailed, (await approval).Outcome);
    }

    [Fact]
    public async Task Threat86_TooManyHoldsAndTooLongTextsAreRefusedAtOnce()
    {
        _fixture.Ask();
        _fixture.Ask(_fixture.NewHold("delete from b"));
        var (third, refused) = _fixture.Ask(_fixture.NewHold("delete from c"));
        var (_, tooLong) = _fixture.Ask(_fixture.NewHold(new string('x', 101)) with { Session = SessionId.New(TimeProvider.System) });

        Assert.Equal(new HoldOutcome(HoldState.Expired, [], "too many commands of this session wait for approval"), await refused);
        Assert.Equal(HoldState.Expired, (await tooLong).State);
        Assert.False(_fixture.Store.Has(third));
        Assert.Equal(2, _fixture.Broker.List().Count);
    }

    [Fact]
    public async Task Threat86_GiantReasonsAndTextsOfApproversChangeNothing()
    {
        var (id, waiter) = _fixture.Ask();

        Assert.Equal(DecideOutcome.ReasonTooLong, (await _fixture.Broker.RejectAsync(id, BrokerFixture.Dana, new string('x', 11))).Outcome);
        Assert.Equal(DecideOutcome.TextTooLong, (await _fixture.Broker.ModifyAsync(id, BrokerFixture.Dana, new string('x', 101), null)).Outcome);
        Assert.False(waiter.IsCompleted);
    }

    [Fact]
    public async Task Threat86_AFloodOfApproversStandsInABoundedLine()
    {
        var (id, waiter) = _fixture.Ask();
        var write = new TaskCompletionSource();
        _fixture.Store.BeforeWrite = _ => write.Task;
        var flood = Enumerable.Range(0, 1000).Select(i => _fixture.ApproveAsync(id, BrokerFixture.Person($"p{i}"))).ToList();
        write.SetResult();
        var results = await Task.WhenAll(flood);

        Assert.Equal(HoldState.Approved, (await waiter).State);
        Assert.Equal(1, results.Count(result => result.Outcome == DecideOutcome.Done));
        Assert.Equal(4, results.Count(result => result.Outcome == DecideOutcome.AlreadyDecided));
        Assert.Equal(995, results.Count(result => result.Outcome == DecideOutcome.Busy));
    }

    [Fact]
    public async Task Threat85_AKilledSessionsHoldsAreWithdrawnAndItsTicketsStay()
    {
        var (id, waiter) = _fixture.Ask();
        var ticket = await _fixture.AskTicketAsync();
        _fixture.Broker.ForgetSession(_fixture.Session);

        Assert.Equal((HoldState.Withdrawn, "the session ended"), ((await waiter).State, (await waiter).Reason));
        Assert.Equal(HoldState.Withdrawn, (await _fixture.ApproveAsync(id)).State);
        Assert.Equal(ticket, Assert.Single(_fixture.Broker.List()).Hold.Id);
    }

    [Fact]
    public async Task MetersCountWhatWaitsAndTimeTheOutcome()
    {
        var waiting = 0L;
        var durations = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == HoldMetrics.MeterName)
                self.EnableMeasurementEvents(instrument);
        };
        // Other tests' holds come here too, on their threads: those may not even add nothing.
        listener.SetMeasurementEventCallback<long>((_, change, tags, _) =>
        {
            if (IsMine(tags))
                waiting += change;
        });
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            if (IsMine(tags))
                durations.Add(seconds);
        });
        listener.Start();
        var (id, _) = _fixture.Ask(_fixture.NewHold() with { Resource = nameof(MetersCountWhatWaitsAndTimeTheOutcome) });
        Assert.Equal(1, waiting);
        _fixture.Time.Advance(TimeSpan.FromSeconds(42));
        await _fixture.ApproveAsync(id);

        Assert.Equal(0, waiting);
        Assert.Equal([42], durations);

        static bool IsMine(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            !tags.IsEmpty && Equals(tags[0].Value, nameof(MetersCountWhatWaitsAndTimeTheOutcome));
    }

    [Fact]
    public async Task StoppingWithdrawsWhatWaitsAndTakesNothingNew()
    {
        var (_, waiter) = _fixture.Ask();
        await _fixture.Broker.StopAsync();
        var (_, refused) = _fixture.Ask();

        Assert.Equal((HoldState.Withdrawn, "the gateway is stopping"), ((await waiter).State, (await waiter).Reason));
        Assert.Equal("the gateway is stopping", (await refused).Reason);
    }

    [Fact]
    public async Task SubscribersSeeEachChangeAndASlowOneOnlyMisses()
    {
        using var reader = _fixture.Feed.Subscribe(8);
        using var slow = _fixture.Feed.Subscribe(1);
        var (id, _) = _fixture.Ask(_fixture.NewHold(count: 2));
        _fixture.Broker.SetEstimate(id, "9 rows");
        await _fixture.ApproveAsync(id);
        await _fixture.ApproveAsync(id, BrokerFixture.Eli);

        var seen = new List<(HoldEventKind, int, string?)>();
        while (reader.Events.TryRead(out var change))
            seen.Add((change.Kind, change.StillNeeded, change.Hold.Estimate));
        Assert.Equal([(HoldEventKind.Asked, 2, null), (HoldEventKind.Counted, 1, "9 rows"), (HoldEventKind.Ended, 0, "9 rows")], seen);
        Assert.Equal(2, slow.Missed);
    }

    /// <summary>The monotonic clock of another provider, with a wall clock that somebody sets.</summary>
    private sealed class SkewedTimeProvider(TimeProvider monotonic) : TimeProvider
    {
        public TimeSpan Skew { get; set; }

        public override long TimestampFrequency => monotonic.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => monotonic.GetUtcNow() + Skew;

        public override long GetTimestamp() => monotonic.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            monotonic.CreateTimer(callback, state, dueTime, period);
    }
}
