namespace Sallyport.Core;

/// <summary>Why a session ended; recorded, and the side to blame can be read from it.</summary>
public enum SessionEnd : byte
{
    ClientClosed,
    ClientLost,
    UpstreamClosed,
    UpstreamLost,
    ProtocolViolation,
    Killed,
    RecorderFailed,
    ProofExpired,
    GatewayStopping,
    GatewayFault,
}

/// <summary>
/// One client connection that was identified and let in. Owns its identity and its kill switch, nothing of the protocol.
/// Made only by <see cref="ISessionOpener"/>, so that no protocol can forget a step of the opening.
/// </summary>
public sealed class Session : IDisposable
{
    private static readonly Order Over = new("it had ended", SessionEnd.Killed);

    // Made when somebody asks: an idle session has none.
    private CancellationTokenSource? _killed;
    private Order? _order;
    private Action<object>? _told;
    private object? _listener;

    public Session(SessionId id, Principal principal, Resource resource, string protocol, string client, DateTimeOffset openedAt,
        ISessionRecorder recorder)
    {
        Id = id;
        Principal = principal;
        Resource = resource;
        Protocol = protocol;
        Client = client;
        OpenedAt = openedAt;
        Recorder = recorder;
    }

    public SessionId Id { get; }

    public Principal Principal { get; }

    public Resource Resource { get; }

    /// <summary><c>postgres</c>, <c>ssh</c>, <c>kubernetes</c>, <c>http</c>.</summary>
    public string Protocol { get; }

    /// <summary>The client's address and port.</summary>
    public string Client { get; }

    public DateTimeOffset OpenedAt { get; }

    public ISessionRecorder Recorder { get; }

    /// <summary>Cancelled when an operator kills the session, its proof is over or the gateway stops.</summary>
    public CancellationToken Killed
    {
        get
        {
            var killed = Volatile.Read(ref _killed);
            if (killed is null)
            {
                var made = new CancellationTokenSource();
                killed = Interlocked.CompareExchange(ref _killed, made, null) ?? made;
                if (Volatile.Read(ref _order) is not null)
                    killed.Cancel();
            }
            return killed.Token;
        }
    }

    public string? KillReason => _order?.Reason;

    /// <summary>How it is to be recorded; means something once it was killed.</summary>
    public SessionEnd KillEnd => _order?.End ?? SessionEnd.Killed;

    /// <summary>True for the one call that ended the session; later calls change nothing.</summary>
    public bool Kill(string reason, SessionEnd end = SessionEnd.Killed)
    {
        if (Interlocked.CompareExchange(ref _order, new Order(reason, end), null) is not null)
            return false;
        try
        {
            Volatile.Read(ref _killed)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself since the order was given; nobody waits for anything of it.
        }
        // Last: whoever runs the session may have disposed of it before this returns.
        Volatile.Read(ref _told)?.Invoke(_listener!);
        return true;
    }

    /// <summary>
    /// Has the one who runs the session told of a kill, as <see cref="Killed"/> tells others; at once when it was killed already, and then
    /// perhaps twice.
    /// </summary>
    public void WhenKilled(Action<object> told, object listener)
    {
        _listener = listener;
        Volatile.Write(ref _told, told);
        // Either this sees the order, or who gives it sees this.
        Interlocked.MemoryBarrier();
        if (_order is not null)
            told(listener);
    }

    /// <summary>It has ended: it cannot be killed any more.</summary>
    public void Dispose()
    {
        Interlocked.CompareExchange(ref _order, Over, null);
        _killed?.Dispose();
    }

    private sealed record Order(string Reason, SessionEnd End);
}
