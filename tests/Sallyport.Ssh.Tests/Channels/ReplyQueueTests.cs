using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Channels;

public sealed class ReplyQueueTests
{
    /// <summary>THREATS 53: a request that the other side never got took the reply to the next one.</summary>
    [Fact]
    public void Threat53_WhatIsAnsweredHereInsteadTakesNoReplyOfTheOtherSide()
    {
        List<MessageNumber> sent = [];
        var replies = new ReplyQueue((reply, _) => sent.Add(reply));
        var shell = replies.Expect(isWanted: true);
        replies.Ask(shell, (_, _) => Assert.Fail("the other side was not asked for a shell"));
        replies.Ask(replies.Expect(isWanted: true));

        replies.AnswerInstead(shell, MessageNumber.ChannelSuccess);

        Assert.True(replies.TryReceive(MessageNumber.ChannelFailure, isSuccess: false, []));
        Assert.Equal([MessageNumber.ChannelSuccess, MessageNumber.ChannelFailure], sent);
        Assert.False(replies.TryReceive(MessageNumber.ChannelSuccess, isSuccess: true, []));
    }
}
