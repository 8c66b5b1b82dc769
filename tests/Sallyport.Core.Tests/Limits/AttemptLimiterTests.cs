using Microsoft.Extensions.Time.Testing;

namespace Sallyport.Core.Tests.Limits;

public sealed class AttemptLimiterTests
{
    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new();
    private readonly AttemptLimiter<string> _limiter;

    public AttemptLimiterTests() => _limiter = new AttemptLimiter<string>(5, Refill, _time, StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void AfterTheBurstAKeyWaitsAndThenHasOneTryAgain()
    {
        Miss("dana", 4);
        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("dana"));
        Assert.True(_limiter.CountMiss("dana"));
        Assert.Equal(Refill, _limiter.WaitFor("DANA"));
        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("ana"));

        _time.Advance(Refill);
        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("dana"));
        Miss("dana", 1);
        Assert.Equal(Refill, _limiter.WaitFor("dana"));
    }

    [Fact]
    public void MissesCountedAtOnceAreAllWaitedFor()
    {
        Miss("dana", 50);
        Assert.Equal(46 * Refill, _limiter.WaitFor("dana"));
    }

    [Fact]
    public void AFullTableForgetsWhoMissedLongestAgoAndNobodyElse()
    {
        Miss("first", 5);
        Miss("second", 5);
        for (var i = 0; i < AttemptLimiter<string>.MaxKeys - 2; i++)
            Miss($"name-{i}", 1);
        Miss("first", 1);
        Miss("one-more", 1);

        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("second"));
        Assert.Equal(2 * Refill, _limiter.WaitFor("first"));
        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("never-seen"));
    }

    private void Miss(string key, int times)
    {
        for (var i = 0; i < times; i++)
            _limiter.CountMiss(key);
    }
}
