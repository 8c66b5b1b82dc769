using Sallyport.Ssh.Channels;

namespace Sallyport.Ssh.Tests.Channels;

public sealed class ChannelTests
{
    /// <summary>A hold that ended in the same moment must not end the session of who takes it back.</summary>
    [Fact]
    public void WhatIsDecidedAlreadyCanBeTakenBack()
    {
        var channel = new Channel(0, 0, ChannelKind.Session, new Leg(null!), new Leg(null!), static (_, _) => { });
        using var waiting = new CancellationTokenSource();
        var decided = new CancellationTokenSource();
        decided.Dispose();

        channel.TakeBack();
        channel.Withdraw = decided;
        channel.TakeBack();
        channel.Withdraw = waiting;
        channel.TakeBack();

        Assert.True(waiting.IsCancellationRequested);
    }
}
