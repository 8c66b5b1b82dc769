using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

public sealed class TicketAndGrantTests : IDisposable
{
    private readonly BrokerFixture _fixture = new(new ApprovalOptions { MaxGrantsPerSession = 1 });

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Threat82_ATicketPassesOnceAndTheStoreKnows()
    {
        var hold = _fixture.NewHold(ticket: true);
        var id = await _fixture.AskTicketAsync(hold);
        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold));
        await _fixture.ApproveAsync(id);

        Assert.Equal(HoldPermit.Ticket, _fixture.TryPass(hold, SessionId.New(TimeProvider.System)));
        Assert.True(await _fixture.Broker.ConfirmUseAsync(id, default));
        Assert.Equal(HoldState.Used, _fixture.Store[id].State);
        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold));
        Assert.False(await _fixture.Broker.ConfirmUseAsync(id, default));
    }

    [Fact]
    public async Task Threat82_ATicketIsOnlyForItsPrincipalCommandAndRule()
    {
        var hold = _fixture.NewHold(ticket: true);
        await _fixture.ApproveAsync(await _fixture.AskTicketAsync(hold));
        var stricter = new Decision(DecisionKind.Hold, hold.Rule) { Hold = hold.Terms with { Count = 2 } };

        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold, principal: BrokerFixture.Dana));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold, principal: hold.Principal with { OnBehalfOf = "carol" }));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold with { Resource = "billing" }));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold with { Hash = BrokerFixture.HashOf("delete from orders") }));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold, decision: stricter));
        Assert.Equal(HoldPermit.Ticket, _fixture.TryPass(hold));
    }

    [Fact]
    public async Task AUseThatTheStoreCannotTakeIsNotConfirmed()
    {
        var hold = _fixture.NewHold(ticket: true);
        var id = await _fixture.AskTicketAsync(hold);
        await _fixture.ApproveAsync(id);
        _fixture.Store.BeforeWrite = _ => throw new IOException("full");
        _fixture.TryPass(hold);

        Assert.False(await _fixture.Broker.ConfirmUseAsync(id, default));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold));
    }

    [Fact]
    public async Task ARetryingAgentGetsTheSameTicketUntilItsRuleChanges()
    {
        var first = await _fixture.AskTicketAsync();
        Assert.Equal(first, await _fixture.AskTicketAsync());
        await _fixture.ApproveAsync(first);
        Assert.Equal(first, await _fixture.AskTicketAsync());

        var second = await _fixture.AskTicketAsync(_fixture.NewHold(count: 2, ticket: true));

        Assert.NotEqual(first, second);
        Assert.Equal(HoldState.Withdrawn, _fixture.Store[first].State);
        Assert.Single(_fixture.Broker.List());
    }

    [Fact]
    public async Task TicketsOutliveTheGatewayAndWaitingHoldsDoNot()
    {
        var approved = _fixture.NewHold("delete from a", ticket: true);
        var waiting = _fixture.NewHold("delete from b", count: 2, ticket: true);
        var approvedId = await _fixture.AskTicketAsync(approved);
        var waitingId = await _fixture.AskTicketAsync(waiting);
        var (connection, _) = _fixture.Ask();
        await _fixture.ApproveAsync(approvedId);
        await _fixture.ApproveAsync(waitingId);

        using var restarted = new BrokerFixture(store: _fixture.Store, time: _fixture.Time);
        var ended = await restarted.Broker.StartAsync(default);

        Assert.Equal((connection, HoldState.Expired, "gateway restarted"), (ended.Single().Hold.Id, ended[0].State, ended[0].Reason));
        Assert.Equal(HoldState.Expired, _fixture.Store[connection].State);
        Assert.Equal(new HashSet<string> { approvedId, waitingId }, restarted.Broker.List().Select(view => view.Hold.Id).ToHashSet());
        Assert.Equal(HoldPermit.Ticket, restarted.TryPass(approved));
        Assert.Equal(1, (await restarted.ApproveAsync(waitingId)).StillNeeded);
        Assert.Equal(DecideOutcome.Done, (await restarted.ApproveAsync(waitingId, BrokerFixture.Eli)).Outcome);
        Assert.Equal(HoldPermit.Ticket, restarted.TryPass(waiting));
    }

    [Fact]
    public async Task Threat96_AClockSetBackDuringARestartGivesATicketNoMoreThanItsWholeTime()
    {
        var hold = _fixture.NewHold(ticket: true);
        await _fixture.ApproveAsync(await _fixture.AskTicketAsync(hold));
        var earlier = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_fixture.Time.GetUtcNow() - TimeSpan.FromDays(1));
        using var restarted = new BrokerFixture(store: _fixture.Store, time: earlier);
        await restarted.Broker.StartAsync(default);
        earlier.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(HoldPermit.None, restarted.TryPass(hold));
    }

    [Fact]
    public async Task AnApprovedTicketThatIsNotUsedLapses()
    {
        var hold = _fixture.NewHold(ticket: true);
        var id = await _fixture.AskTicketAsync(hold);
        await _fixture.ApproveAsync(id);
        _fixture.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold));
        Assert.Equal((HoldState.Expired, "approved, but not used in time"), (_fixture.Store[id].State, _fixture.Store[id].Reason));
    }

    [Fact]
    public async Task AGrantPassesItsLikeInItsSessionUntilItsTimeIsOver()
    {
        var hold = _fixture.NewHold();
        var (id, _) = _fixture.Ask(hold);
        var result = await _fixture.ApproveAsync(id, grant: TimeSpan.FromMinutes(30));
        var like = hold with { Hash = BrokerFixture.HashOf("delete from orders where id = 8") };

        Assert.Equal(TimeSpan.FromMinutes(30), result.GrantedFor);
        Assert.Equal(HoldPermit.Grant, _fixture.TryPass(like));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(like, SessionId.New(TimeProvider.System)));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(like, principal: BrokerFixture.Dana));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(like with { Shape = "drop public.orders" }));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(like, decision: new Decision(DecisionKind.Hold, "new-rule") { Hold = hold.Terms }));
        _fixture.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(HoldPermit.None, _fixture.TryPass(like));
    }

    [Fact]
    public async Task AClosedSessionsGrantsAreForgotten()
    {
        var hold = _fixture.NewHold();
        await _fixture.ApproveAsync(_fixture.Ask(hold).Id, grant: TimeSpan.FromMinutes(30));
        _fixture.Broker.ForgetSession(_fixture.Session);

        Assert.Equal(HoldPermit.None, _fixture.TryPass(hold));
    }

    [Fact]
    public async Task AGrantNeedsEveryApproverAndLastsTheShortestTimeAskedAndAtMostTheCap()
    {
        var once = _fixture.Ask(_fixture.NewHold(count: 2)).Id;
        await _fixture.ApproveAsync(once);
        Assert.Null((await _fixture.ApproveAsync(once, BrokerFixture.Eli, TimeSpan.FromHours(1))).GrantedFor);

        var both = _fixture.Ask(_fixture.NewHold(count: 2)).Id;
        await _fixture.ApproveAsync(both, grant: TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromHours(1), (await _fixture.ApproveAsync(both, BrokerFixture.Eli, TimeSpan.FromHours(2))).GrantedFor);

        var capped = _fixture.Ask().Id;
        Assert.Equal(TimeSpan.FromHours(8), (await _fixture.ApproveAsync(capped, grant: TimeSpan.FromDays(3))).GrantedFor);
    }

    [Fact]
    public async Task Threat86_GrantsOfASessionAreBoundedAndTheApprovalStillStands()
    {
        await _fixture.ApproveAsync(_fixture.Ask().Id, grant: TimeSpan.FromHours(1));
        var other = _fixture.NewHold() with { Shape = "drop public.orders" };
        var (id, waiter) = _fixture.Ask(other);

        Assert.Null((await _fixture.ApproveAsync(id, grant: TimeSpan.FromHours(1))).GrantedFor);
        Assert.Equal(HoldState.Approved, (await waiter).State);
        Assert.Equal(HoldPermit.None, _fixture.TryPass(other));
    }
}
