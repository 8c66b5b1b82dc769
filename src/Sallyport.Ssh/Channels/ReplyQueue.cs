using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Channels;

/// <summary>
/// The order of replies to one side's requests (RFC 4254 §4, §5.4): the asker tells them apart by their order alone, and so does the
/// gateway with those of the other side. Some are made here, some after a decision that takes its time, some come from the other side.
/// Guarded by the session's lock.
/// </summary>
/// <param name="send">Sends a reply to the asker.</param>
internal sealed class ReplyQueue(Action<MessageNumber, byte[]> send)
{
    private const int MaxWaiting = 256;
    private readonly Queue<Expected> _due = new();
    private readonly Queue<Expected> _asked = new();

    /// <summary>More requests wait for their replies than anybody needs.</summary>
    public bool IsCrowded => _due.Count > MaxWaiting || _asked.Count > MaxWaiting;

    /// <summary>A request came: its reply has its place behind those to the requests before it.</summary>
    /// <param name="isWanted">The asker wants one.</param>
    public Expected Expect(bool isWanted)
    {
        var expected = new Expected(isWanted);
        _due.Enqueue(expected);
        return expected;
    }

    /// <summary>The request goes to the other side, which is asked for a reply: the asker's, unless it has one already.</summary>
    /// <param name="expected">The place.</param>
    /// <param name="answered">Told of the reply, success or not.</param>
    public void Ask(Expected expected, Action<bool, ReadOnlyMemory<byte>>? answered = null)
    {
        expected.Answered = answered;
        _asked.Enqueue(expected);
    }

    /// <summary>The other side is not asked after all: the reply is made here, and its next one is to what comes behind.</summary>
    public void AnswerInstead(Expected expected, MessageNumber reply)
    {
        expected.IsRetracted = true;
        Answer(expected, reply);
    }

    /// <summary>The reply is made here; nothing if there is one.</summary>
    public void Answer(Expected expected, MessageNumber reply)
    {
        expected.IsMadeHere |= !expected.IsReady;
        Fill(expected, reply, []);
    }

    /// <summary>A reply came from the other side. False: to no request.</summary>
    public bool TryReceive(MessageNumber reply, bool isSuccess, ReadOnlySpan<byte> rest)
    {
        Expected? expected;
        do
        {
            if (!_asked.TryDequeue(out expected))
                return false;
        }
        while (expected.IsRetracted);
        var bytes = rest.ToArray();
        Fill(expected, reply, bytes);
        expected.Answered?.Invoke(isSuccess, bytes);
        return true;
    }

    private void Fill(Expected expected, MessageNumber reply, byte[] rest)
    {
        if (expected.IsReady)
            return;
        (expected.Reply, expected.Rest) = (reply, rest);
        while (_due.TryPeek(out var next) && next is { Reply: { } ready })
        {
            _due.Dequeue();
            if (next.IsWanted)
                send(ready, next.Rest);
        }
    }

    /// <summary>The place of a reply.</summary>
    internal sealed class Expected(bool isWanted)
    {
        public bool IsWanted => isWanted;

        public bool IsReady => Reply is not null;

        /// <summary>The asker was answered before the other side.</summary>
        public bool IsMadeHere { get; set; }

        /// <summary>No reply of the other side's is to it.</summary>
        public bool IsRetracted { get; set; }

        public MessageNumber? Reply { get; set; }

        public byte[] Rest { get; set; } = [];

        public Action<bool, ReadOnlyMemory<byte>>? Answered { get; set; }
    }
}
