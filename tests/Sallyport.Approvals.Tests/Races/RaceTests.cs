using System.Globalization;
using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

public sealed class RaceTests
{
    private const int Schedules = 12_000;
    private const int ThreadedRounds = 400;

    [Fact]
    public async Task Threat85_TwelveThousandSchedulesEndEachHoldExactlyOnce()
    {
        var reached = new HashSet<HoldState>();
        for (var seed = 1; seed <= Schedules; seed++)
        {
            var run = seed;
            try
            {
                reached.Add(await Task.Run(() => new Schedule(run).RunAsync()));
            }
            catch (Exception wrong)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"seed {run}: {wrong.Message}"), wrong);
            }
        }
        Assert.Equal([HoldState.Approved, HoldState.Modified, HoldState.Rejected, HoldState.Expired, HoldState.Withdrawn], reached.Order());
    }

    [Fact]
    public async Task Threat85_RealThreadsEndEachHoldExactlyOnce()
    {
        for (var round = 0; round < ThreadedRounds; round++)
        {
            using var fixture = new BrokerFixture();
            fixture.Store.BeforeWrite = _ => Task.Run(Thread.Yield, CancellationToken.None);
            using var client = new CancellationTokenSource();
            var (id, waiter) = fixture.Ask(withdrawn: client.Token);
            await WaitUntilListedAsync(fixture);
            using var start = new Barrier(6);
            var decisions = await Task.WhenAll(
                Together(start, () => fixture.ApproveAsync(id)),
                Together(start, () => fixture.ApproveAsync(id, BrokerFixture.Eli)),
                Together(start, () => fixture.Broker.RejectAsync(id, BrokerFixture.Person("fay"), "no")),
                Together(start, () => fixture.Broker.ModifyAsync(id, BrokerFixture.Person("gus"), "select 1", null)),
                Together(start, () => Nothing(client.Cancel)),
                Together(start, () => Nothing(() => fixture.Broker.ForgetSession(fixture.Session))));

            var outcome = await waiter;

            var told = decisions.Where(decision => decision.Outcome == DecideOutcome.Done).ToList();
            Assert.Equal(outcome.State == HoldState.Withdrawn ? 0 : 1, told.Count);
            Assert.All(told, one => Assert.Equal(outcome.State, one.State));
            Assert.Equal(outcome.State, fixture.Store[id].State);
        }
    }

    [Fact]
    public async Task Threat82_RealThreadsUseATicketOnce()
    {
        for (var round = 0; round < ThreadedRounds; round++)
        {
            using var fixture = new BrokerFixture();
            var hold = fixture.NewHold(ticket: true);
            await fixture.ApproveAsync(await fixture.AskTicketAsync(hold));
            using var start = new Barrier(4);

            var permits = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Together(start, () => Task.FromResult(fixture.TryPass(hold)))));

            Assert.Single(permits, HoldPermit.Ticket);
        }
    }

    private static async Task WaitUntilListedAsync(BrokerFixture fixture)
    {
        while (fixture.Broker.List().Count == 0)
            await Task.Yield();
    }

    private static Task<T> Together<T>(Barrier start, Func<Task<T>> act) => Task.Factory.StartNew(
        () =>
        {
            start.SignalAndWait();
            return act();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default).Unwrap();

    private static Task<DecideResult> Nothing(Action act)
    {
        act();
        return Task.FromResult(new DecideResult(DecideOutcome.NotFound));
    }
}
