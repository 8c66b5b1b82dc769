using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

public sealed class ApproverTests : IDisposable
{
    private readonly BrokerFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("bot-7", null)]
    [InlineData("BOT-7", null)]
    [InlineData("Ana", null)]
    [InlineData("carol", "bot-7")]
    [InlineData("carol", "ANA")]
    public async Task Threat81_TheAskerItsOwnerAndWhoActsForThemAreRefused(string name, string? onBehalfOf)
    {
        var (id, waiter) = _fixture.Ask();

        var result = await _fixture.ApproveAsync(id, BrokerFixture.Person(name) with { OnBehalfOf = onBehalfOf });

        Assert.Equal(DecideOutcome.OwnRequest, result.Outcome);
        Assert.False(waiter.IsCompleted);
    }

    [Fact]
    public async Task Threat81_AnAgentInTheGroupIsNoApproverUnlessTheRuleNamesIt()
    {
        var bot = BrokerFixture.Person("bot-9") with { Kind = PrincipalKind.Agent };
        var (closed, _) = _fixture.Ask();
        var named = _fixture.NewHold() with { Terms = new HoldTerms { Approvers = ["agent:Bot-9"] } };
        var (open, _) = _fixture.Ask(named);

        Assert.Equal(DecideOutcome.NotAnApprover, (await _fixture.ApproveAsync(closed, bot)).Outcome);
        Assert.Equal(DecideOutcome.Done, (await _fixture.ApproveAsync(open, bot)).Outcome);
    }

    [Fact]
    public async Task OnlyTheNamedGroupsAndUsersDecide()
    {
        var (id, _) = _fixture.Ask(_fixture.NewHold() with { Terms = new HoldTerms { Approvers = ["dba", "user:Dana"], Count = 2 } });

        Assert.Equal(DecideOutcome.NotAnApprover, (await _fixture.ApproveAsync(id, BrokerFixture.Eli)).Outcome);
        Assert.Equal(DecideOutcome.NotAnApprover, (await _fixture.Broker.RejectAsync(id, BrokerFixture.Eli, null)).Outcome);
        Assert.Equal(DecideOutcome.Counted, (await _fixture.ApproveAsync(id)).Outcome);
        Assert.Equal(DecideOutcome.Done, (await _fixture.ApproveAsync(id, BrokerFixture.Person("kim", "dba"))).Outcome);
    }

    [Theory]
    [InlineData("DANA", null)]
    [InlineData("eli", "dana")]
    public async Task OnePersonCountsOnceInWhateverName(string name, string? onBehalfOf)
    {
        var (id, waiter) = _fixture.Ask(_fixture.NewHold(count: 2));
        var first = await _fixture.ApproveAsync(id);
        var second = await _fixture.ApproveAsync(id, BrokerFixture.Person(name) with { OnBehalfOf = onBehalfOf });

        Assert.Equal((DecideOutcome.Counted, 1), (first.Outcome, first.StillNeeded));
        Assert.Equal(DecideOutcome.SamePersonTwice, second.Outcome);
        Assert.False(waiter.IsCompleted);
        Assert.Equal(["dana"], _fixture.Store[id].DecidedBy);
    }

    [Fact]
    public async Task Threat84_AModifiedTextDropsEarlierApprovalsAndIsNotApprovedUnseen()
    {
        var (id, waiter) = _fixture.Ask(_fixture.NewHold(count: 2));
        await _fixture.ApproveAsync(id);
        var modified = await _fixture.Broker.ModifyAsync(id, BrokerFixture.Eli, "delete from orders where id = 8", "wrong id");
        var unseen = await _fixture.ApproveAsync(id);
        var view = await _fixture.Broker.FindAsync(id, default);
        var seen = await _fixture.ApproveAsync(id, revision: view!.Revision);
        var outcome = await waiter;

        Assert.Equal((DecideOutcome.Counted, 1), (modified.Outcome, modified.StillNeeded));
        Assert.Equal(DecideOutcome.TextChanged, unseen.Outcome);
        Assert.Equal("delete from orders where id = 8", view.Text);
        Assert.Equal(HoldState.Modified, seen.State);
        Assert.Equal(["eli", "dana"], outcome.By.ToArray());
        Assert.Equal("delete from orders where id = 8", outcome.ModifiedText);
        var stored = _fixture.Store[id];
        Assert.Equal("delete from orders where id = 7", stored.Hold.Text);
        Assert.Equal(outcome.ModifiedText, stored.ModifiedText);
    }

    [Fact]
    public async Task TicketsAndBlankTextsAreNotModifiable()
    {
        var ticket = await _fixture.AskTicketAsync();
        var (hold, _) = _fixture.Ask(_fixture.NewHold("delete from b"));

        Assert.Equal(DecideOutcome.NotModifiable, (await _fixture.Broker.ModifyAsync(ticket, BrokerFixture.Dana, "select 1", null)).Outcome);
        Assert.Equal(DecideOutcome.NotModifiable, (await _fixture.Broker.ModifyAsync(hold, BrokerFixture.Dana, " \n", null)).Outcome);
    }

    [Fact]
    public async Task AnEndedHoldSaysHowItEndedAndAnUnknownOneIsNotFound()
    {
        var (id, waiter) = _fixture.Ask();
        await _fixture.Broker.RejectAsync(id.ToLowerInvariant(), BrokerFixture.Dana, "not at night");
        var outcome = await waiter;

        Assert.Equal(("not at night", HoldState.Rejected), (outcome.Reason, outcome.State));
        Assert.Equal(new DecideResult(DecideOutcome.AlreadyDecided, HoldState.Rejected), await _fixture.ApproveAsync(id));
        Assert.Equal(DecideOutcome.NotFound, (await _fixture.ApproveAsync("h-00000000")).Outcome);
        Assert.Empty(_fixture.Broker.List());
    }
}
