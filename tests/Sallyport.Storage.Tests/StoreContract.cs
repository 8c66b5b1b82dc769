using System.Text.Json;
using Sallyport.Core;

namespace Sallyport.Storage.Tests;

/// <summary>What every engine's stores must do. One class per engine derives it.</summary>
public abstract class StoreContract
{
    private static CancellationToken None => CancellationToken.None;

    protected abstract ISecretStore Secrets { get; }

    protected abstract ISessionStore Sessions { get; }

    protected abstract IHoldStore Holds { get; }

    protected abstract ISegmentIndexStore Segments { get; }

    /// <summary>Closes the stores and opens them again on the same state.</summary>
    protected abstract Task ReopenAsync();

    [Fact]
    public async Task ReopenedStoreFindsEverythingThatWasWritten()
    {
        var session = Samples.Session("ana", "shop", Samples.Noon) with { OnBehalfOf = "dana" };
        var hold = Samples.Hold(Samples.Noon);
        var secret = Samples.Secret("ana", Samples.Noon, TimeSpan.FromHours(8));
        var span = new SegmentSpan(session.Id, "segment-1", 10, 20);
        await Sessions.OpenedAsync(session, None);
        await Holds.AddAsync(hold, None);
        await Secrets.AddAsync(secret, None);
        await Segments.UpsertAsync([span], None);

        await ReopenAsync();

        Assert.Equal(session, await Sessions.FindAsync(session.Id, None));
        Assert.Equal(Json(new StoredHold(hold, HoldState.Waiting, [], null, null, null)), Json((await Holds.FindAsync(hold.Id, None))!));
        Assert.Equal(Json(secret), Json(Assert.Single(await Secrets.ListLiveAsync(Samples.Noon, None))));
        Assert.Equal([span], await Segments.FindAsync(session.Id, None));
    }

    [Fact]
    public async Task ASecretForOneLoginIsSpentByOneOfMany()
    {
        var secret = Samples.Secret("ana", Samples.Noon, TimeSpan.FromHours(8)) with { IsOneTime = true };
        var other = Samples.Secret("ana", Samples.Noon, TimeSpan.FromHours(8));
        await Secrets.AddAsync(secret, None);
        await Secrets.AddAsync(other, None);

        var spent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Secrets.TrySpendAsync(secret.Id, Samples.Noon, None).AsTask()));

        Assert.Single(spent, true);
        Assert.False(await Secrets.TrySpendAsync(other.Id, Samples.Noon, None));
        var live = await Secrets.ListLiveAsync(Samples.Noon, None);
        Assert.Equal(Samples.Noon, live.Single(s => s.Id == secret.Id).SpentAt);
        Assert.Null(live.Single(s => s.Id == other.Id).SpentAt);
    }

    [Fact]
    public async Task LiveSecretsAreNewestFirstWithoutExpiredAndRevokedOnes()
    {
        var old = Samples.Secret("ana", Samples.Noon, TimeSpan.FromHours(8));
        var young = Samples.Secret("ana", Samples.Noon.AddMinutes(1), TimeSpan.FromHours(8));
        var brief = Samples.Secret("ana", Samples.Noon, TimeSpan.FromMinutes(5));
        var revoked = Samples.Secret("ana", Samples.Noon, TimeSpan.FromHours(8));
        foreach (var secret in new[] { old, young, brief, revoked })
            await Secrets.AddAsync(secret, None);

        Assert.True(await Secrets.RevokeAsync(revoked.Id, Samples.Noon.AddMinutes(2), None));
        Assert.False(await Secrets.RevokeAsync(revoked.Id, Samples.Noon.AddMinutes(2), None));
        Assert.False(await Secrets.RevokeAsync("s-UNKNOWN0", Samples.Noon, None));

        var live = await Secrets.ListLiveAsync(Samples.Noon.AddMinutes(5), None);
        Assert.Equal([young.Id, old.Id], live.Select(static s => s.Id));
    }

    [Fact]
    public async Task SessionsAreListedNewestFirstAndFilterByPrincipalWithoutCase()
    {
        var first = Samples.Session("Ana", "shop", Samples.Noon);
        var second = Samples.Session("ana", "billing", Samples.Noon.AddSeconds(1));
        var third = Samples.Session("bot-7", "shop", Samples.Noon.AddSeconds(2));
        foreach (var session in new[] { second, first, third })
            await Sessions.OpenedAsync(session, None);
        await Sessions.EndedAsync(first.Id, Samples.Noon.AddMinutes(1), "ClientClosed", None);

        Assert.Equal([third.Id, second.Id, first.Id], Ids(await Sessions.ListAsync(null, null, false, 10, None)));
        Assert.Equal([second.Id, first.Id], Ids(await Sessions.ListAsync("ANA", null, false, 10, None)));
        Assert.Equal([third.Id, first.Id], Ids(await Sessions.ListAsync(null, "shop", false, 10, None)));
        Assert.Equal([third.Id], Ids(await Sessions.ListAsync(null, "shop", true, 10, None)));
        Assert.Equal([third.Id], Ids(await Sessions.ListAsync(null, null, false, 1, None)));
        Assert.Equal("ClientClosed", (await Sessions.FindAsync(first.Id, None))!.End);
    }

    [Fact]
    public async Task OrphansAreEndedOnce()
    {
        var ended = Samples.Session("ana", "shop", Samples.Noon);
        var orphan = Samples.Session("bot-7", "shop", Samples.Noon.AddSeconds(1));
        await Sessions.OpenedAsync(ended, None);
        await Sessions.OpenedAsync(orphan, None);
        await Sessions.EndedAsync(ended.Id, Samples.Noon.AddMinutes(1), "ClientClosed", None);
        await ReopenAsync();

        var orphans = await Sessions.EndOrphansAsync(Samples.Noon.AddHours(1), "Interrupted", None);

        Assert.Equal([orphan with { EndedAt = Samples.Noon.AddHours(1), End = "Interrupted" }], orphans);
        Assert.Empty(await Sessions.EndOrphansAsync(Samples.Noon.AddHours(2), "Interrupted", None));
        Assert.Equal("ClientClosed", (await Sessions.FindAsync(ended.Id, None))!.End);
    }

    [Fact]
    public async Task FirstEndOfASessionStands()
    {
        var session = Samples.Session("ana", "shop", Samples.Noon);
        await Sessions.OpenedAsync(session, None);
        await Sessions.EndedAsync(session.Id, Samples.Noon.AddMinutes(1), "Killed", None);
        await Sessions.EndedAsync(session.Id, Samples.Noon.AddMinutes(2), "ClientLost", None);
        Assert.Equal(session with { EndedAt = Samples.Noon.AddMinutes(1), End = "Killed" }, await Sessions.FindAsync(session.Id, None));
    }

    [Fact]
    public async Task HoldKeepsItsOutcomeAndLeavesTheWaitingList()
    {
        var waiting = Samples.Hold(Samples.Noon);
        var decided = Samples.Hold(Samples.Noon.AddSeconds(1));
        await Holds.AddAsync(waiting, None);
        await Holds.AddAsync(decided, None);
        var outcome = new StoredHold(decided with { Estimate = "3 rows" }, HoldState.Modified, ["dana", "eve"], "narrower", "delete 1",
            Samples.Noon.AddMinutes(1));

        await Holds.UpdateAsync(outcome, None);

        Assert.Equal(Json(outcome), Json((await Holds.FindAsync(decided.Id, None))!));
        Assert.Equal([waiting.Id], (await Holds.ListAsync(HoldState.Waiting, 10, None)).Select(static h => h.Hold.Id));
        Assert.Equal([decided.Id, waiting.Id], (await Holds.ListAsync(null, 10, None)).Select(static h => h.Hold.Id));
    }

    [Fact]
    public async Task SecondHoldOfOneIdAndUpdateOfNoneAreConflicts()
    {
        var hold = Samples.Hold(Samples.Noon);
        await Holds.AddAsync(hold, None);
        var twice = await Assert.ThrowsAsync<StoreException>(async () => await Holds.AddAsync(hold, None));
        var missing = new StoredHold(Samples.Hold(Samples.Noon), HoldState.Expired, [], null, null, null);
        var none = await Assert.ThrowsAsync<StoreException>(async () => await Holds.UpdateAsync(missing, None));
        Assert.Equal((StoreFault.Conflict, StoreFault.Conflict), (twice.Fault, none.Fault));
    }

    [Fact]
    public async Task SegmentSpansWidenAndComeInTheOrderOfSegments()
    {
        var session = SessionId.New(TimeProvider.System);
        var other = SessionId.New(TimeProvider.System);
        await Segments.UpsertAsync([new(session, "0002", 5, 9), new(session, "0001", 100, 200), new(other, "0001", 1, 2)], None);
        await Segments.UpsertAsync([new(session, "0001", 150, 300)], None);
        Assert.Equal([new(session, "0001", 100, 300), new(session, "0002", 5, 9)], await Segments.FindAsync(session, None));

        await Segments.ClearAsync(None);
        Assert.Empty(await Segments.FindAsync(session, None));
    }

    [Fact]
    public async Task ManyWritersAtOnceLoseNothingAndOneConflictHurtsOnlyItself()
    {
        var taken = Samples.Hold(Samples.Noon);
        await Holds.AddAsync(taken, None);
        var sessions = Enumerable.Range(0, 300).Select(static i => Samples.Session($"p{i}", "shop", Samples.Noon.AddSeconds(i))).ToArray();

        var writes = sessions.Select(s => Task.Run(async () => await Sessions.OpenedAsync(s, None))).ToArray();
        var conflicts = Enumerable.Range(0, 20).Select(_ => Assert.ThrowsAsync<StoreException>(async () =>
            await Holds.AddAsync(taken, None))).ToArray();
        await Task.WhenAll(writes);
        await Task.WhenAll(conflicts);

        Assert.Equal(sessions.Reverse().Select(static s => s.Id), Ids(await Sessions.ListAsync(null, null, false, 1000, None)));
    }

    [Fact]
    public async Task CancelledBeforeItBeganIsNotWritten()
    {
        var session = Samples.Session("ana", "shop", Samples.Noon);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Sessions.OpenedAsync(session, new CancellationToken(true)));
        Assert.Null(await Sessions.FindAsync(session.Id, None));
    }

    private static IEnumerable<SessionId> Ids(IEnumerable<StoredSession> sessions) => sessions.Select(static s => s.Id);

    /// <summary>Records compare collections by reference; their JSON compares contents.</summary>
    private static string Json<T>(T value) => JsonSerializer.Serialize(value);
}
