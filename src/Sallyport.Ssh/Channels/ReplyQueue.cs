using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Channels;

/// <summary>
/// The order of replies to one side's requests (RFC 4254 §4, §5.4): some come from the other side, some are made here, and the asker
/// tells them apart by their order alone. Guarded by the session's lock.
/// </summary>
/// <param name="send">Sends a reply to the asker.</param>
internal sealed class ReplyQueue(Action<MessageNumber, byte[]> send)
{
    private const int MaxWaiting = 256;
    private readonly Queue<Expected> _waiting = new();

    /// <summary>More requests wait for their replies than anybody needs.</summary>
    public bool IsCrowded => _waiting.Count > MaxWaiting;

    /// <summary>The request went to the other side, whose reply is the asker's.</summary>
    /// <param name="answered">Told of the reply, success or not.</param>
    public void ExpectRemote(Action<bool, ReadOnlyMemory<byte>>? answered = null) => _waiting.Enqueue(new Expected { Answered = answered });

    /// <summary>The request went to the other side, but the asker has its reply already, or wants none.</summary>
    public void ExpectSilently(Action<bool, ReadOnlyMemory<byte>> answered) => _waiting.Enqueue(new Expected { Answered = answered, IsSilent = true });

    /// <summary>The reply is made here.</summary>
    public void Answer(MessageNumber reply)
    {
        if (_waiting.Count == 0)
            send(reply, []);
        else
            _waiting.Enqueue(new Expected { Reply = reply });
    }

    /// <summary>A reply came from the other side. False: to no request.</summary>
    public bool TryReceive(MessageNumber reply, bool isSuccess, ReadOnlySpan<byte> rest)
    {
        if (!_waiting.TryDequeue(out var expected))
            return false;
        var bytes = rest.ToArray();
        if (!expected.IsSilent)
            send(reply, bytes);
        while (_waiting.TryPeek(out var next) && next.Reply is { } own)
        {
            _waiting.Dequeue();
            send(own, []);
        }
        expected.Answered?.Invoke(isSuccess, bytes);
        return true;
    }

    private readonly record struct Expected
    {
        /// <summary>Made here; null while the other side is asked.</summary>
        public MessageNumber? Reply { get; init; }

        public bool IsSilent { get; init; }

        public Action<bool, ReadOnlyMemory<byte>>? Answered { get; init; }
    }
}
