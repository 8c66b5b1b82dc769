using Microsoft.Extensions.Time.Testing;
using Sallyport.Admin;

namespace Sallyport.Tests.Admin;

public sealed class ProofLimiterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ProofLimiter _limiter;

    public ProofLimiterTests() => _limiter = new ProofLimiter(_time);

    [Fact]
    public void AfterTheBurstALoginWaitsAndThenHasOneTryAgain()
    {
        Fail("dana", ProofLimiter.Burst);
        Assert.True(_limiter.WaitFor("DANA") > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("ana"));
        _time.Advance(ProofLimiter.Refill);
        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("dana"));
        Fail("dana", 1);
        Assert.True(_limiter.WaitFor("dana") > TimeSpan.Zero);
    }

    [Fact]
    public void ManyNamesTakeNoMoreRoomAndShareOneBucket()
    {
        for (var i = 0; i < ProofLimiter.MaxLogins; i++)
            Fail($"name-{i}", 1);
        Fail("one-more", ProofLimiter.Burst);
        Assert.True(_limiter.WaitFor("another") > TimeSpan.Zero);
        _time.Advance(ProofLimiter.Refill);
        Assert.Equal(TimeSpan.Zero, _limiter.WaitFor("another"));
    }

    private void Fail(string login, int times)
    {
        for (var i = 0; i < times; i++)
            _limiter.CountWrong(login);
    }
}
