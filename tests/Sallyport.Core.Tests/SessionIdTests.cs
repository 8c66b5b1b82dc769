using Microsoft.Extensions.Time.Testing;
using Sallyport.Core;

namespace Sallyport.Core.Tests;

public sealed class SessionIdTests
{
    [Fact]
    public void PrintedIdsParseBackAndSortByTime()
    {
        var earlier = SessionId.New(TimeProvider.System);
        Thread.Sleep(2);
        var later = SessionId.New(TimeProvider.System);

        Assert.True(SessionId.TryParse(earlier.ToString().ToLowerInvariant(), out var parsed));
        Assert.Equal(earlier, parsed);
        Assert.True(string.CompareOrdinal(earlier.ToString(), later.ToString()) < 0);
        Assert.True(earlier < later);
    }

    [Fact]
    public void IdsOfOneMillisecondSortAsTheyWereMade()
    {
        var time = new FakeTimeProvider();
        SessionId[] made = [.. Enumerable.Range(0, 1000).Select(_ => SessionId.New(time))];

        Assert.Equal(made, made.Order());
        Assert.Equal(made.Select(static id => id.ToString()), made.Select(static id => id.ToString()).Order(StringComparer.Ordinal));
        Assert.All(made, static id => Assert.Equal(7, id.Value.Version));
    }

    [Theory]
    [InlineData("")]
    [InlineData("8ZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    [InlineData("U0000000000000000000000000")]
    [InlineData("0000000000000000000000000!")]
    public void WhatIsNotAnIdIsRefused(string text) => Assert.False(SessionId.TryParse(text, out _));
}
