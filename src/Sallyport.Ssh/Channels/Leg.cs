using Sallyport.Ssh.Transport;

namespace Sallyport.Ssh.Channels;

/// <summary>
/// One of the two connections of a session, and what waits to be sent on it. All of it is guarded by the session's lock.
/// </summary>
internal sealed class Leg(SshTransport transport)
{
    /// <summary>
    /// How many bytes of the wire may be written before they are flushed: data in packets of one byte each is fifty times as long there.
    /// </summary>
    private const int MaxUnflushed = 1 << 20;

    private readonly List<Flow> _waiting = [];
    private List<Flow> _woken = [];
    private long _flushed;

    public SshTransport Transport => transport;

    /// <summary>A flush or a key exchange is under way: nothing is written meanwhile.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Something was written that no flush has sent.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>A write was refused: new keys are being made.</summary>
    public bool IsShut { get; private set; }

    /// <summary>Writes one message, if that can be done now.</summary>
    public bool TryWrite(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        // What the transport sends by itself needs no flush of ours: only behind something written here does one come.
        if (IsBusy || IsShut || (IsDirty && transport.BytesSent - _flushed > MaxUnflushed))
            return false;
        if (!transport.TryWrite(head, body))
        {
            IsShut = true;
            return false;
        }
        IsDirty = true;
        return true;
    }

    public void BeginFlush()
    {
        IsBusy = true;
        IsDirty = false;
        _flushed = transport.BytesSent;
    }

    /// <summary>The flow has something that could not be written now.</summary>
    public void Await(Flow flow)
    {
        if (!flow.IsAwaited)
        {
            flow.IsAwaited = true;
            _waiting.Add(flow);
        }
    }

    /// <summary>It can be written again: sends what waited, in the order in which it began to wait.</summary>
    public void Wake()
    {
        IsBusy = false;
        IsShut = false;
        if (_waiting.Count == 0)
            return;
        (_woken, var now) = ([], _woken);
        now.AddRange(_waiting);
        _waiting.Clear();
        foreach (var flow in now)
        {
            flow.IsAwaited = false;
            flow.Drain();
        }
        now.Clear();
        _woken = now;
    }
}
