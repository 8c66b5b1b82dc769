using Microsoft.Extensions.Time.Testing;
using Sallyport.Postgres.Session;

namespace Sallyport.Postgres.Tests.Session;

public sealed class CancelRegistryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Threat27_AKeyReachesItsOwnSessionOnly()
    {
        var registry = new CancelRegistry(_time);
        int first = 0, second = 0;
        var (idOfFirst, keyOfFirst) = registry.Register(4, () => first++);
        var (idOfSecond, _) = registry.Register(32, () => second++);

        Assert.False(registry.TryCancel(idOfSecond, keyOfFirst, "a"));
        Assert.True(registry.TryCancel(idOfFirst, keyOfFirst, "a"));
        Assert.Equal((1, 0), (first, second));

        registry.Remove(idOfFirst);
        Assert.False(registry.TryCancel(idOfFirst, keyOfFirst, "a"));
        Assert.Equal(1, first);
    }

    [Fact]
    public void Threat27_GuessingIsSlowedPerSource()
    {
        var registry = new CancelRegistry(_time);
        var (id, key) = registry.Register(4, () => { });
        byte[] wrong = [.. key];
        wrong[0] ^= 1;
        for (var i = 0; i < CancelRegistry.MaxMisses; i++)
            Assert.False(registry.TryCancel(id, wrong, "guesser"));

        Assert.False(registry.TryCancel(id, key, "guesser"));
        Assert.True(registry.TryCancel(id, key, "owner"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(registry.TryCancel(id, key, "guesser"));
    }
}
