using System.Threading.Tasks.Sources;

namespace Sallyport.Sockets.Pipes;

/// <summary>
/// One side's meeting with its loop, without a lock: the side asks the socket again only after the loop saw something new, and waits
/// otherwise. Whoever takes the wait back (the loop, a cancel, or the side itself) is the only one that may go on. Reused for every
/// wait of the side; a wait allocates nothing.
/// </summary>
/// <remarks>Both sides write their own flag before they read the other's, with a full fence between: one of them sees the other.</remarks>
internal struct Waiter<T>
{
    private ManualResetValueTaskSourceCore<T> _source;
    private CancellationTokenRegistration _registration;
    private int _isReady;
    private int _isWaiting;
    private int _isCancelled;

    /// <summary>The socket may have something that nobody has looked at.</summary>
    public readonly bool IsReady => Volatile.Read(in _isReady) == 1;

    public short Version => _source.Version;

    /// <summary>The socket is asked now.</summary>
    public void Look() => Interlocked.Exchange(ref _isReady, 0);

    /// <summary>Not everything was taken: asking again gives more at once.</summary>
    public void StayReady() => Volatile.Write(ref _isReady, 1);

    /// <summary>From the loop. True: the caller took the wait and must go on with it.</summary>
    public bool Notice()
    {
        if (Volatile.Read(ref _isReady) == 0)
            Interlocked.Exchange(ref _isReady, 1);
        else
            Interlocked.MemoryBarrier();
        return TakeBack();
    }

    /// <summary>A cancel: of the wait, or of the next operation. True: the caller took the wait.</summary>
    public bool Cancel()
    {
        Interlocked.Exchange(ref _isCancelled, 1);
        return TakeBack();
    }

    /// <summary>Whether a cancel came; it counts once.</summary>
    public bool TakeCancel() => Volatile.Read(ref _isCancelled) == 1 && Interlocked.Exchange(ref _isCancelled, 0) == 1;

    /// <summary>Before the first <see cref="Wait"/> of an operation.</summary>
    public void Begin(IWaitTarget target, CancellationToken cancellationToken)
    {
        _source.Reset();
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static (t, token) => ((IWaitTarget)t!).Abandon(token), target);
    }

    /// <summary>Waits. True: something came in between, and the caller has the wait back.</summary>
    public bool Wait()
    {
        Interlocked.Exchange(ref _isWaiting, 1);
        return (Volatile.Read(ref _isReady) == 1 || Volatile.Read(ref _isCancelled) == 1) && TakeBack();
    }

    /// <summary>Waits for a turn, though the socket is ready.</summary>
    public void WaitForTurn() => Interlocked.Exchange(ref _isWaiting, 1);

    public bool TakeBack() => Volatile.Read(ref _isWaiting) == 1 && Interlocked.CompareExchange(ref _isWaiting, 0, 1) == 1;

    public void Complete(T result) => _source.SetResult(result);

    public void Fail(Exception error) => _source.SetException(error);

    /// <summary>The operation is over: its token is let go.</summary>
    public void End()
    {
        _registration.Dispose();
        _registration = default;
    }

    public T Result(short token)
    {
        End();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            // Whoever waited is let go.
            _source.Reset();
        }
    }

    public readonly ValueTaskSourceStatus Status(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}

/// <summary>What a token cancels.</summary>
internal interface IWaitTarget
{
    void Abandon(CancellationToken cancellationToken);
}
