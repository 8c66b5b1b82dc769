using System.Collections.Frozen;
using Sallyport.Postgres.Catalogue;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>One reading for all sessions, and one disappointment.</summary>
public sealed class CatalogueCacheTests
{
    private static readonly PostgresResource Resource = new("shop", FrozenDictionary<string, string>.Empty) { Host = "nowhere", Database = "shop", User = "gateway" };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StandingClock _time = new();

    [Fact]
    public async Task AThousandSessionsWaitForOneReading()
    {
        var readings = 0;
        var gate = new TaskCompletionSource();
        using var cache = new CatalogueCache(
            async (_, _, _) =>
            {
                Interlocked.Increment(ref readings);
                await gate.Task;
                return new Catalogue.Catalogue([], [], [], [], null);
            },
            _time, TimeSpan.FromHours(1));

        var waiting = Enumerable.Range(0, 1000).Select(_ => cache.RefreshAsync(Resource, CancellationToken.None).AsTask()).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(waiting).WaitAsync(Patience), Assert.NotNull);
        Assert.Equal(1, readings);
    }

    [Fact]
    public async Task ACatalogueThatCannotBeHadIsWaitedForOnceAndNotByEverySession()
    {
        var readings = 0;
        var gate = new TaskCompletionSource();
        using var cache = new CatalogueCache(
            async (_, _, _) =>
            {
                Interlocked.Increment(ref readings);
                await gate.Task;
                return null;
            },
            _time, TimeSpan.FromHours(1));

        var waiting = Enumerable.Range(0, 1000).Select(_ => cache.RefreshAsync(Resource, CancellationToken.None).AsTask()).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(waiting).WaitAsync(Patience), Assert.Null);
        Assert.Equal(1, readings);
        Assert.Null(await cache.RefreshAsync(Resource, CancellationToken.None));
        Assert.Equal(1, readings);
    }

    [Fact]
    public async Task ACatalogueThatStallsIsGivenUpInTime()
    {
        using var cache = new CatalogueCache(
            static async (_, _, stop) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
                return null;
            },
            _time, TimeSpan.FromHours(1));

        Assert.Null(await cache.RefreshAsync(Resource, CancellationToken.None).AsTask().WaitAsync(Patience));
        Assert.InRange(_time.Asked, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task WhileItIsTriedAgainNobodyElseWaitsAndThenItIsThere()
    {
        var isBroken = true;
        var gate = new TaskCompletionSource();
        using var cache = new CatalogueCache(
            async (_, _, _) =>
            {
                if (isBroken)
                    return null;
                await gate.Task;
                return new Catalogue.Catalogue([], [], [], [], null);
            },
            _time, TimeSpan.FromHours(1));
        Assert.Null(await cache.RefreshAsync(Resource, CancellationToken.None));
        isBroken = false;
        _time.Passed += TimeSpan.FromSeconds(2);

        var trying = cache.RefreshAsync(Resource, CancellationToken.None).AsTask();
        Assert.Null(await cache.RefreshAsync(Resource, CancellationToken.None).AsTask().WaitAsync(Patience));
        gate.SetResult();

        Assert.NotNull(await trying.WaitAsync(Patience));
        Assert.NotNull(await cache.RefreshAsync(Resource, CancellationToken.None));
    }

    [Fact]
    public async Task AChangeThatIsKnownIsToldFromOneThatIsOnlyPossible()
    {
        using var cache = new CatalogueCache((_, _, _) => new(new Catalogue.Catalogue([], [], [], [], null)), _time, TimeSpan.FromHours(1));
        Assert.True(cache.HasKnownChanges(Resource));
        await cache.RefreshAsync(Resource, CancellationToken.None);
        Assert.Equal((false, false), (cache.IsStale(Resource), cache.HasKnownChanges(Resource)));

        cache.Mark(Resource, CatalogueChange.None);
        Assert.False(cache.IsStale(Resource));
        cache.Mark(Resource, CatalogueChange.Possible);
        Assert.Equal((true, false), (cache.IsStale(Resource), cache.HasKnownChanges(Resource)));
        cache.Mark(Resource, CatalogueChange.Known);
        cache.Mark(Resource, CatalogueChange.Possible);
        Assert.True(cache.HasKnownChanges(Resource));
        await cache.RefreshAsync(Resource, CancellationToken.None);
        Assert.Equal((false, false), (cache.IsStale(Resource), cache.HasKnownChanges(Resource)));
    }

    /// <summary>Time that passes when it is told to; its timers go off at once.</summary>
    private sealed class StandingClock : TimeProvider
    {
        /// <summary>How long the last timer was to wait.</summary>
        public TimeSpan Asked { get; private set; }

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Asked = dueTime;
            return base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.FromMilliseconds(20), period);
        }
    }
}
