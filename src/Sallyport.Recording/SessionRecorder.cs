using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Recording.Ring;

namespace Sallyport.Recording;

/// <summary>One session's way into the ring. Shared by at most the two threads of the session.</summary>
internal sealed class SessionRecorder(SessionId session, RecordRing ring, Flusher flusher, TimeProvider time) : ISessionRecorder
{
    private long _sequence;
    private long _refused;

    public RecordOutcome TryAppend(RecordKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, out long position)
    {
        position = 0;
        var length = (long)head.Length + tail.Length;
        if (length > ring.MaxRecord)
            return RecordOutcome.Failed;
        var footprint = RecordRing.Footprint(length);
        var outcome = ring.TryReserve(footprint, out var start);
        if (outcome != RecordOutcome.Taken)
        {
            if (outcome == RecordOutcome.Full)
                Volatile.Write(ref _refused, footprint);
            return outcome;
        }
        var sequence = Interlocked.Increment(ref _sequence);
        ring.Publish(start, new RecordHeader(0, 0, time.GetUtcNow().UtcTicks, session, sequence, kind, PartFlags.None), head, tail);
        position = start + footprint;
        flusher.Appended(position);
        return RecordOutcome.Taken;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (flusher.Fault is null)
        {
            var next = flusher.Room.Next;
            var reserved = ring.Reserved;
            if (reserved < 0)
                return false;
            if (ring.Capacity - (reserved - ring.Read) >= Volatile.Read(ref _refused))
                return true;
            flusher.WantRoom();
            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        return false;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitDurableAsync(long position, CancellationToken cancellationToken)
    {
        while (flusher.Durable < position)
        {
            var next = flusher.Synced.Next;
            if (flusher.Durable >= position)
                return true;
            if (flusher.Fault is not null)
                return false;
            flusher.WantDurable(position);
            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        return true;
    }
}
