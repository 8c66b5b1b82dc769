using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sallyport.Ssh.Transport.Packets;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport;

public sealed partial class SshTransport
{
    // Guards all that follows, and the output while no flush of it waits. Held for one packet's encryption at most, never over an
    // await: the writer would otherwise race with the reader's key exchange for the cipher. Uncontended but for a rekey or an answer.
    private readonly Lock _sending = new();
    private readonly PacketWriter _writer = new();
    private readonly Queue<byte[]> _own = new();
    private byte[] _posted = [];
    private int _postedLength;
    private bool _isGateClosed = true;
    private bool _isFlushing;
    private bool _isSendingOver;
    private TaskCompletionSource? _change;

    /// <summary>Whether <see cref="TryWrite"/> would write now: no new keys are being made and no answer of the reader is stuck.</summary>
    public bool CanWrite
    {
        get
        {
            lock (_sending)
                return IsWritable;
        }
    }

    /// <summary>For tests that play a hostile peer: what is sent instead of one of the transport's own messages.</summary>
    internal Func<byte[], IEnumerable<byte[]>>? OwnMessages { get; set; }

    private bool IsWritable => !_isGateClosed && !_isFlushing && _outcome == SshOutcome.Open;

    /// <summary>
    /// Puts one message, <paramref name="head"/> followed by <paramref name="body"/>, into the output without sending it yet. False:
    /// nothing was written; <see cref="WaitWritableAsync"/> and try again.
    /// </summary>
    public bool TryWrite(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        bool isWorn;
        lock (_sending)
        {
            if (!IsWritable)
                return false;
            _writer.Write(_pipe.Output, head, body);
            isWorn = IsSendKeyWorn;
        }
        if (isWorn)
            RenewSendKey();
        return true;
    }

    /// <summary>Waits until <see cref="TryWrite"/> writes. False: it is over. Never awaited by the reader.</summary>
    public ValueTask<bool> WaitWritableAsync(CancellationToken cancellationToken)
    {
        lock (_sending)
        {
            if (IsWritable)
                return new ValueTask<bool>(true);
        }
        return WaitAsync(cancellationToken);

        async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                Task change;
                lock (_sending)
                {
                    if (_outcome != SshOutcome.Open)
                        return false;
                    if (IsWritable)
                        return true;
                    change = Change();
                }
                await change.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends what was written. False: it is over. Never awaited by the reader.</summary>
    public ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        lock (_sending)
        {
            if (_outcome != SshOutcome.Open)
                return new ValueTask<bool>(false);
            if (_isFlushing)
                return FlushAfterOtherAsync(cancellationToken);
            Drain();
            _isFlushing = true;
        }
        return FlushNowAsync(cancellationToken);
    }

    /// <summary>Waits, writes and flushes one message, as the only writer. False: it is over.</summary>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        while (!TryWrite(message.Span))
        {
            if (!await WaitWritableAsync(cancellationToken).ConfigureAwait(false))
                return false;
        }
        return await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sends a small message as soon as that is possible, after those posted before and without an order to those written. Thread-safe,
    /// never waits: for answers that the reader makes. A peer that lets too many pile up ends the connection.
    /// </summary>
    public void Post(ReadOnlySpan<byte> message)
    {
        bool isKept;
        lock (_sending)
            isKept = _outcome != SshOutcome.Open || TryKeep(message);
        if (isKept)
            Pump();
        else
            End(SshOutcome.PeerDoesNotRead, DisconnectReason.ByApplication, "the peer does not read its answers");
    }

    /// <summary>Sends what waits, if nobody is sending; whoever is will do it afterwards.</summary>
    private void Pump()
    {
        try
        {
            lock (_sending)
            {
                if (_isFlushing || !Drain())
                    return;
                _isFlushing = true;
            }
        }
        catch (InvalidOperationException)
        {
            // The pipe was completed by somebody else; a timer's thread may have come here, which nobody would catch.
            _isSendingOver = true;
            End(SshOutcome.PeerGone, DisconnectReason.ConnectionLost, "the connection was lost", isTold: false);
            return;
        }
        var flush = FlushNowAsync(CancellationToken.None);
        if (flush.IsCompleted)
            flush.GetAwaiter().GetResult();
        else
            _ = flush.AsTask();
    }

    private async ValueTask<bool> FlushAfterOtherAsync(CancellationToken cancellationToken)
    {
        // What this caller wrote is in the output before the other's flush or behind it; only the writer's own flush holds it back.
        while (true)
        {
            Task change;
            lock (_sending)
            {
                if (!_isFlushing || _outcome != SshOutcome.Open)
                    break;
                change = Change();
            }
            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        return await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The caller has set <see cref="_isFlushing"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FlushNowAsync(CancellationToken cancellationToken)
    {
        var isGone = false;
        var isLast = false;
        try
        {
            do
            {
                var flush = _pipe.Output.FlushAsync(cancellationToken);
                if (isLast && !flush.IsCompleted)
                    _pipe.Output.CancelPendingFlush();
                var result = await flush.ConfigureAwait(false);
                isGone = result.IsCompleted;
                // Cancelled by the end: the DISCONNECT goes if it goes at once.
                isLast = result.IsCanceled;
            }
            while (!isGone && !TryRest());
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            isGone = true;
        }
        catch (OperationCanceledException)
        {
            Rest();
            throw;
        }
        if (isGone)
        {
            Rest();
            End(SshOutcome.PeerGone, DisconnectReason.ConnectionLost, "the connection was lost", isTold: false);
        }
        return _outcome == SshOutcome.Open;
    }

    /// <summary>False: something came while the flush went on, and needs another.</summary>
    private bool TryRest()
    {
        lock (_sending)
        {
            if (Drain())
                return false;
            _isFlushing = false;
            Pulse();
            return true;
        }
    }

    private void Rest()
    {
        lock (_sending)
        {
            _isFlushing = false;
            Pulse();
        }
    }

    /// <summary>Waits until no flush goes on; cancels the one that does when it is time.</summary>
    private async ValueTask FlushedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_sending)
            {
                if (!_isFlushing)
                    return;
                change = Change();
            }
            if (cancellationToken.IsCancellationRequested)
            {
                // Not under the lock: whoever waits for the flush may go on in here.
                _pipe.Output.CancelPendingFlush();
                await change.ConfigureAwait(false);
                return;
            }
            await change.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Encrypts what waits: the transport's own messages at once, posted ones while the gate is open. Under the lock, and no flush goes
    /// on. True: there is something to flush.
    /// </summary>
    private bool Drain()
    {
        var isAny = false;
        while (!_isSendingOver && _own.TryDequeue(out var message))
        {
            isAny = true;
            if (OwnMessages is null)
                WriteOwn(message);
            else
            {
                foreach (var other in OwnMessages(message))
                    WriteOwn(other);
            }
        }
        if (_isSendingOver || _isGateClosed || _postedLength == 0)
            return isAny;
        for (var at = 0; at < _postedLength;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(_posted.AsSpan(at));
            _writer.Write(_pipe.Output, _posted.AsSpan(at + 4, length), default);
            at += 4 + length;
        }
        _postedLength = 0;
        return true;
    }

    private void WriteOwn(byte[] message)
    {
        _writer.Write(_pipe.Output, message, default);
        switch ((MessageNumber)message[0])
        {
            case MessageNumber.KexInit:
                _isGateClosed = true;
                break;
            case MessageNumber.NewKeys when _nextSend is not null:
                _writer.Use(_nextSend, IsStrict);
                _nextSend = null;
                CountFromHere();
                _isGateClosed = false;
                Pulse();
                break;
            case MessageNumber.Disconnect:
                _isSendingOver = true;
                break;
        }
    }

    private bool TryKeep(ReadOnlySpan<byte> message)
    {
        var needed = _postedLength + 4 + message.Length;
        if (needed > _options.MaxPosted)
            return false;
        if (needed > _posted.Length)
            Array.Resize(ref _posted, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, 256)));
        BinaryPrimitives.WriteInt32LittleEndian(_posted.AsSpan(_postedLength), message.Length);
        message.CopyTo(_posted.AsSpan(_postedLength + 4));
        _postedLength = needed;
        return true;
    }

    /// <summary>What completes at the next change of the gate, the flush or the outcome. Under the lock.</summary>
    private Task Change() => (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Pulse()
    {
        _change?.TrySetResult();
        _change = null;
    }
}
