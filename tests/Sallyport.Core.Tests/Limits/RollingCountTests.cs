using Microsoft.Extensions.Time.Testing;

namespace Sallyport.Core.Tests.Limits;

public sealed class RollingCountTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void WhatIsCountedStaysForTheSpanAndAStepAtMost()
    {
        var count = new RollingCount(Hour, _time);
        Assert.Equal(3, count.Add(3));
        _time.Advance(Hour);
        Assert.Equal(5, count.Add(2));

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(2, count.Sum);
        _time.Advance(Hour + TimeSpan.FromMinutes(4));
        Assert.Equal(0, count.Sum);
    }

    [Fact]
    public void NoSpanOfTimeEverHoldsMoreThanWasLetIn()
    {
        var count = new RollingCount(Hour, _time);
        var random = new Random(7);
        var let = new List<DateTimeOffset>();
        for (var i = 0; i < 5000; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(random.Next(0, 60)));
            if (count.Add(1) <= 10)
                let.Add(_time.GetUtcNow());
            else
                count.Add(-1);
        }
        Assert.True(let.Count > 100);
        for (var i = 10; i < let.Count; i++)
            Assert.True(let[i] - let[i - 10] >= Hour);
    }

    [Fact]
    public void ItSaysWhenThereIsRoomAgainAndThenThereIs()
    {
        var count = new RollingCount(Hour, _time);
        count.Add(4);
        _time.Advance(TimeSpan.FromMinutes(30));
        count.Add(6);

        Assert.Equal(TimeSpan.Zero, count.UntilBelow(11));
        var first = count.UntilBelow(10)!.Value;
        var last = count.UntilBelow(1)!.Value;
        _time.Advance(first - TimeSpan.FromSeconds(1));
        Assert.Equal(10, count.Sum);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(6, count.Sum);
        _time.Advance(last - first);
        Assert.Equal(0, count.Sum);
    }

    [Fact]
    public void WithoutASpanItCountsForEver()
    {
        var count = new RollingCount(null, _time);
        count.Add(2);
        _time.Advance(TimeSpan.FromDays(4000));
        Assert.Equal(3, count.Add(1));
        Assert.Null(count.UntilBelow(3));
    }

    [Fact]
    public void ManyThreadsTogetherGetNoMoreThanThereIs()
    {
        var count = new RollingCount(TimeSpan.FromMinutes(1), TimeProvider.System);
        var let = 0;
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (count.Add(1) <= 1000)
                    Interlocked.Increment(ref let);
            }
        });
        Assert.Equal(1000, let);
        Assert.Equal(160_000, count.Sum);
    }

    [Fact]
    public void ItNeverOverflows()
    {
        var count = new RollingCount(null, _time, carried: uint.MaxValue);
        Assert.Equal(uint.MaxValue, count.Add(5));
        Assert.Equal(0, new RollingCount(null, _time).Add(-5));
    }
}
