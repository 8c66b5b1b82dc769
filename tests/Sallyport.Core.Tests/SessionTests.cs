using System.Collections.Frozen;

namespace Sallyport.Core.Tests;

public sealed class SessionTests
{
    [Fact]
    public void AKillReachesWhoListensAndWhoHoldsTheToken()
    {
        var told = new List<string?>();
        using var session = Open();
        var token = session.Killed;
        session.WhenKilled(s => told.Add(((Session)s).KillReason), session);

        Assert.True(session.Kill("enough"));
        Assert.False(session.Kill("again"));

        Assert.Equal(["enough"], told);
        Assert.True(token.IsCancellationRequested);
    }

    /// <summary>Who runs a session ends it at once, and the one call that killed it said that it had not.</summary>
    [Fact]
    public void AKillThatEndsTheSessionBeforeItReturnsIsTheKill()
    {
        var session = Open();
        _ = session.Killed;
        session.WhenKilled(static s => ((Session)s).Dispose(), session);

        Assert.True(session.Kill("enough"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ASessionThatHasEndedIsNotKilled(bool isAskedFor)
    {
        var session = Open();
        if (isAskedFor)
            _ = session.Killed;
        var isTold = false;
        session.WhenKilled(_ => isTold = true, session);
        session.Dispose();

        Assert.False(session.Kill("too late"));
        Assert.False(isTold);
    }

    [Fact]
    public void AKillThatCameFirstIsHeardToo()
    {
        using var session = Open();
        Assert.True(session.Kill("enough"));

        var isTold = false;
        session.WhenKilled(_ => isTold = true, session);

        Assert.True(isTold);
        Assert.True(session.Killed.IsCancellationRequested);
    }

    [Fact]
    public void AKillBesideTheListeningIsHeard()
    {
        for (var i = 0; i < 20_000; i++)
        {
            using var session = Open();
            var isTold = 0;
            Parallel.Invoke(() => session.Kill("enough"), () => session.WhenKilled(_ => Volatile.Write(ref isTold, 1), session),
                () => _ = session.Killed);
            Assert.Equal(1, isTold);
            Assert.True(session.Killed.IsCancellationRequested);
        }
    }

    private static Session Open() => new(SessionId.New(TimeProvider.System), new Principal { Name = "bot" },
        new Resource("shop", ResourceKind.Postgres, FrozenDictionary<string, string>.Empty), "postgres", "127.0.0.1:4000", DateTimeOffset.UnixEpoch, null!);
}
