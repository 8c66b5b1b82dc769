using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Sallyport.Sockets.Native;

namespace Sallyport.Sockets.Pipes;

/// <summary>
/// Sends to a socket. What was written goes to the kernel with the flush, which is over when the kernel has all of it: a peer that does
/// not read holds the flush, and so whoever feeds it. Between flushes no memory is held. One writer at a time; any thread. A peer that
/// is gone is no exception: <see cref="FlushResult.IsCompleted"/> says it.
/// </summary>
internal sealed class SocketWriter(SocketPipe pipe) : PipeWriter, IValueTaskSource<FlushResult>, IWaitTarget
{
    private Waiter<FlushResult> _waiter;
    private Block? _head;
    private Block? _tail;
    private int _sent;
    private long _unflushed;
    private bool _isConnecting;
    private bool _isGone;
    private bool _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0) => Room(sizeHint).FreeMemory;

    public override Span<byte> GetSpan(int sizeHint = 0) => Room(sizeHint).FreeSpan;

    public override void Advance(int bytes)
    {
        if (bytes == 0 && _tail is null)
            return;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_tail?.Free ?? 0), nameof(bytes));
        _tail!.End += bytes;
        _unflushed += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (TryFinish(out var result))
            return new ValueTask<FlushResult>(result);
        return WaitAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        if (_waiter.Cancel())
            GoOn();
    }

    /// <summary>Gives the memory back, with what was not flushed. Not while a flush waits.</summary>
    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        Release();
    }

    /// <summary>Completes when a connect that was begun has ended, well or not.</summary>
    internal async ValueTask ConnectedAsync(CancellationToken cancellationToken)
    {
        _isConnecting = true;
        await WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>From the loop: the socket may have room.</summary>
    internal void Notice()
    {
        if (_waiter.Notice())
            GoOn();
    }

    void IWaitTarget.Abandon(CancellationToken cancellationToken)
    {
        if (_waiter.TakeBack())
            _waiter.Fail(new OperationCanceledException(cancellationToken));
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _waiter.Result(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _waiter.Status(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) => _waiter.OnCompleted(continuation, state, token, flags);

    private ValueTask<FlushResult> WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _waiter.Begin(this, cancellationToken);
        var version = _waiter.Version;
        while (_waiter.Wait())
        {
            if (!TryFinish(out var result))
                continue;
            _waiter.End();
            return new ValueTask<FlushResult>(result);
        }
        // A token that was cancelled before the wait stood found nothing to cancel.
        if (cancellationToken.IsCancellationRequested)
            ((IWaitTarget)this).Abandon(cancellationToken);
        return new ValueTask<FlushResult>(this, version);
    }

    /// <summary>The caller has the wait: completes it, or waits on.</summary>
    private void GoOn()
    {
        FlushResult result;
        try
        {
            do
            {
                if (!TryFinish(out result))
                    continue;
                _waiter.Complete(result);
                return;
            }
            while (_waiter.Wait());
        }
        catch (InvalidOperationException e)
        {
            _waiter.Fail(e);
        }
    }

    /// <summary>What can be finished without waiting.</summary>
    private bool TryFinish(out FlushResult result)
    {
        if (_isCompleted)
            throw new InvalidOperationException("The writer was completed.");
        if (_waiter.TakeCancel())
        {
            result = new FlushResult(isCanceled: true, _isGone);
            return true;
        }
        if (_isConnecting)
        {
            result = default;
            _isConnecting = !_waiter.IsReady;
            return !_isConnecting;
        }
        if (!TrySend())
        {
            result = default;
            return false;
        }
        result = new FlushResult(isCanceled: false, _isGone);
        return true;
    }

    private unsafe bool TrySend()
    {
        while (_head is not null && !_isGone)
        {
            var left = _head.End - _sent;
            _waiter.Look();
            var sent = left == 0 ? 0 : LibC.Send(pipe.Handle, _head.First + _sent, left);
            if (sent < 0 && sent != -LibC.TryAgain)
            {
                _isGone = true;
                break;
            }
            if (sent > 0)
            {
                _sent += sent;
                _unflushed -= sent;
            }
            if (_sent < _head.End)
            {
                if (_waiter.IsReady)
                    continue;
                return false;
            }
            var next = _head.Following;
            _head.Dispose();
            _head = next;
            _sent = 0;
        }
        Release();
        return true;
    }

    private Block Room(int sizeHint)
    {
        if (_isCompleted)
            throw new InvalidOperationException("The writer was completed.");
        if (_tail is not null && _tail.Free >= Math.Max(1, sizeHint))
            return _tail;
        var next = sizeHint <= BlockPool.BlockSize ? BlockPool.Instance.Take() : new Block(null, sizeHint).Lend();
        if (_tail is null)
            _head = next;
        else
            _tail.ContinueIn(next);
        return _tail = next;
    }

    private void Release()
    {
        while (_head is not null)
        {
            var next = _head.Following;
            _head.Dispose();
            _head = next;
        }
        _tail = null;
        _sent = 0;
        _unflushed = 0;
    }
}
