using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Core;
using Sallyport.Postgres.Session;

namespace Sallyport.Postgres.Tests.Session;

public sealed class CancelRegistryTests
{
    private static readonly ClientSource Owner = ClientSource.Of(IPAddress.Loopback);
    private static readonly ClientSource Guesser = ClientSource.Of(IPAddress.Parse("2001:db8::1"));
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Threat27_AKeyReachesItsOwnSessionOnly()
    {
        var registry = new CancelRegistry(_time);
        Counted first = new(), second = new();
        var (idOfFirst, keyOfFirst) = registry.Register(4, first);
        var (idOfSecond, _) = registry.Register(32, second);

        Assert.False(registry.TryCancel(idOfSecond, keyOfFirst, Owner));
        Assert.True(registry.TryCancel(idOfFirst, keyOfFirst, Owner));
        Assert.Equal((1, 0), (first.Cancels, second.Cancels));

        registry.Remove(idOfFirst);
        Assert.False(registry.TryCancel(idOfFirst, keyOfFirst, Owner));
        Assert.Equal(1, first.Cancels);
    }

    [Fact]
    public void Threat27_GuessingIsSlowedPerSource()
    {
        var registry = new CancelRegistry(_time);
        var (id, key) = registry.Register(4, new Counted());
        byte[] wrong = [.. key];
        wrong[0] ^= 1;
        for (var i = 0; i < CancelRegistry.MaxMisses; i++)
            Assert.False(registry.TryCancel(id, wrong, Guesser));

        Assert.False(registry.TryCancel(id, key, Guesser));
        Assert.False(registry.TryCancel(id, key, ClientSource.Of(IPAddress.Parse("2001:db8::ffff:2"))));
        Assert.True(registry.TryCancel(id, key, Owner));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(registry.TryCancel(id, key, Guesser));
    }

    private sealed class Counted : ICancellable
    {
        public int Cancels { get; private set; }

        public void Cancel() => Cancels++;
    }
}
