using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Sallyport.Sockets.Native;

namespace Sallyport.Sockets.Pipes;

/// <summary>
/// What a socket receives, read from the kernel only when somebody asks and straight into the block that is handed out: nothing is read
/// ahead, so a side that does not read holds its peer back, and while it waits with nothing in hand it holds no memory. One reader at a
/// time; any thread. A peer that is gone with a reset is an <see cref="IOException"/>.
/// </summary>
internal sealed unsafe class SocketReader(SocketPipe pipe) : PipeReader, IValueTaskSource<ReadResult>, IWaitTarget
{
    /// <summary>How often one event may read before other sockets of the loop have their turn.</summary>
    private const int Turns = 16;

    private const int LeastFree = 16 * 1024;
    private const int MostMoved = 8 * 1024;

    private Waiter<ReadResult> _waiter;
    private Block? _head;
    private Block? _tail;
    private int _start;
    private int _turns = Turns;
    private bool _isExamined = true;
    private bool _isEnded;
    private bool _isCompleted;

    // The peer will send no more, or is gone: no further event tells of what is left to read.
    private volatile bool _peerEnded;

    public override bool TryRead(out ReadResult result) => TryTake(out result);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryTake(out var result))
            return new ValueTask<ReadResult>(result);
        cancellationToken.ThrowIfCancellationRequested();
        if (_tail is not null && _head == _tail && _start == _tail.End)
            Release();
        _waiter.Begin(this, cancellationToken);
        var version = _waiter.Version;
        var isHere = false;
        try
        {
            isHere = TryWait(out result);
        }
        catch
        {
            _waiter.End();
            throw;
        }
        if (isHere)
        {
            _waiter.End();
            return new ValueTask<ReadResult>(result);
        }
        // A token that was cancelled before the wait stood found nothing to cancel.
        if (cancellationToken.IsCancellationRequested)
            ((IWaitTarget)this).Abandon(cancellationToken);
        return new ValueTask<ReadResult>(this, version);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_head is null)
            return;
        var block = (Block)consumed.GetObject()!;
        var at = consumed.GetInteger();
        _isExamined = ReferenceEquals(examined.GetObject(), _tail) && examined.GetInteger() == _tail!.End;
        if (at == block.End && block != _tail)
        {
            block = block.Following!;
            at = 0;
        }
        while (_head != block)
        {
            var next = _head!.Following;
            _head.Dispose();
            _head = next;
        }
        _start = at;
        if (_head != _tail || _start != _tail!.End)
            return;
        _start = 0;
        _tail.End = 0;
        _isExamined = true;
    }

    public override void CancelPendingRead()
    {
        if (_waiter.Cancel())
            GoOn();
    }

    /// <summary>Gives the memory back. Not while a read waits.</summary>
    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        Release();
    }

    /// <summary>Reads again after <see cref="Complete"/>, for who throws away what still comes.</summary>
    public void Reopen() => _isCompleted = false;

    /// <summary>From the loop: the socket may have something.</summary>
    public void Notice(bool peerEnded)
    {
        _peerEnded |= peerEnded;
        _turns = Turns;
        if (_waiter.Notice())
            GoOn();
    }

    /// <summary>From the loop: the others had their turn.</summary>
    public void TakeTurn()
    {
        _turns = Turns;
        if (_waiter.TakeBack())
            GoOn();
    }

    void IWaitTarget.Abandon(CancellationToken cancellationToken)
    {
        if (_waiter.TakeBack())
            _waiter.Fail(new OperationCanceledException(cancellationToken));
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _waiter.Result(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _waiter.Status(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) => _waiter.OnCompleted(continuation, state, token, flags);

    /// <summary>The caller has the wait: completes it, or waits on.</summary>
    private void GoOn()
    {
        ReadResult result;
        try
        {
            if (!TryTake(out result) && !TryWait(out result))
                return;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            _waiter.Fail(e);
            return;
        }
        _waiter.Complete(result);
    }

    /// <summary>Waits until there is something. True: there was, before the wait began.</summary>
    private bool TryWait(out ReadResult result)
    {
        while (true)
        {
            // Ready but not taken: others have their turn first.
            if (_waiter.IsReady && _turns <= 0 && pipe.Loop.IsCurrent)
            {
                result = default;
                _waiter.WaitForTurn();
                pipe.Loop.Again(this);
                return false;
            }
            if (!_waiter.Wait())
            {
                result = default;
                return false;
            }
            if (TryTake(out result))
                return true;
        }
    }

    /// <summary>What can be had without waiting.</summary>
    private bool TryTake(out ReadResult result)
    {
        if (_isCompleted)
            throw new InvalidOperationException("The reader was completed.");
        if (_waiter.TakeCancel())
        {
            result = new ReadResult(Buffer, isCanceled: true, _isEnded);
            return true;
        }
        if (_isExamined && !_isEnded && !TryReceive())
        {
            result = default;
            return false;
        }
        result = new ReadResult(Buffer, isCanceled: false, _isEnded);
        return true;
    }

    private ReadOnlySequence<byte> Buffer => _tail is null ? default : new ReadOnlySequence<byte>(_head!, _start, _tail, _tail.End);

    /// <summary>Asks the kernel. True: more bytes, or the end.</summary>
    private bool TryReceive()
    {
        var isWorthAsking = _waiter.IsReady || _peerEnded;
        while (isWorthAsking)
        {
            if (_turns <= 0 && pipe.Loop.IsCurrent)
            {
                _waiter.StayReady();
                return false;
            }
            _turns--;
            MakeRoom();
            _waiter.Look();
            var free = _tail!.Free;
            var received = LibC.Receive(pipe.Handle, _tail.First + _tail.End, free);
            if (received > 0)
            {
                _tail.End += received;
                _isExamined = false;
                // Less than there was room for: the socket is empty, and the next bytes are an event (epoll(7), "stream-oriented").
                if (received == free)
                    _waiter.StayReady();
                return true;
            }
            if (received == 0)
            {
                _isEnded = true;
                return true;
            }
            if (received != -LibC.TryAgain)
            {
                var error = SocketErrors.Of(-received);
                throw new IOException(error.Message, error);
            }
            isWorthAsking = _waiter.IsReady;
        }
        return false;
    }

    private void MakeRoom()
    {
        if (_tail is null)
        {
            _head = _tail = BlockPool.Instance.Take();
            _start = 0;
            return;
        }
        if (_tail.Free >= LeastFree)
            return;
        // The beginning of a message is moved rather than continued in another block: a message in one piece is read much faster.
        if (_head == _tail && _tail.End - _start <= MostMoved)
        {
            _tail.MoveToFront(_start);
            _start = 0;
            return;
        }
        var next = BlockPool.Instance.Take();
        _tail.ContinueIn(next);
        _tail = next;
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
        _start = 0;
        _isExamined = true;
    }
}
