using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sallyport.Core;

namespace Sallyport.Recording.Ring;

/// <summary>
/// The ring of records: many writers, one reader, no lock. Positions are bytes since the ring was made ready and only grow; the
/// offset is the position modulo the capacity. An entry is 64 bytes (i64 commit word, <see cref="RecordHeader"/>, padding) and the
/// payload padded to 64, so a header never wraps and a payload may. The commit word is written last and is the entry's position
/// mixed with a secret drawn for this run: neither an old lap nor a payload chosen by a client can look like a published entry.
/// </summary>
/// <remarks>Header page: 0 magic, 8 capacity, 16 secret, 24 epoch (names this run in the segments), 64 position read so far.</remarks>
internal sealed class RecordRing : IDisposable
{
    public const int EntryHeader = 64;

    /// <summary>The longest payload of one entry; longer records are split.</summary>
    public const int MaxPart = 256 * 1024;

    public const long Magic = 0x31474E49_52504C53;

    private const int CapacityAt = 8;
    private const int SecretAt = 16;
    private const int EpochAt = 24;
    private const int ReadAt = 64;
    private const long Closed = long.MinValue;

    private readonly RingMemory _memory;
    private readonly long _capacity;
    private Cursors _cursors;

    private RecordRing(RingMemory memory)
    {
        _memory = memory;
        _capacity = memory.Capacity;
        Secret = memory.HeaderWord(SecretAt);
        Epoch = memory.HeaderWord(EpochAt);
        _cursors.Read = memory.HeaderWord(ReadAt);
        _cursors.Reserved = _cursors.Read;
    }

    /// <summary>Names this run of the ring in the blocks made from it; never zero.</summary>
    public long Epoch { get; }

    public long Capacity => _capacity;

    /// <summary>The end of all reservations.</summary>
    public long Reserved => Volatile.Read(ref _cursors.Reserved);

    /// <summary>Everything before it was taken out.</summary>
    public long Read => Volatile.Read(ref _cursors.Read);

    /// <summary>The longest record, all parts together. Anything longer could never be sure of room.</summary>
    public long MaxRecord => _capacity / 4;

    public bool IsClosed => Reserved < 0;

    private long Secret { get; }

    /// <summary>An empty ring in new or in used memory: a new secret makes all that lay there unreadable.</summary>
    public static RecordRing Prepare(RingMemory memory)
    {
        memory.HeaderWord(0) = 0;
        memory.HeaderWord(CapacityAt) = memory.Capacity;
        RandomNumberGenerator.Fill(memory.Header.Slice(SecretAt, 16));
        memory.HeaderWord(SecretAt) |= long.MinValue;
        memory.HeaderWord(EpochAt) |= 1;
        memory.HeaderWord(ReadAt) = 0;
        Volatile.Write(ref memory.HeaderWord(0), Magic);
        return new RecordRing(memory);
    }

    /// <summary>The ring as the last run left it, for recovery; null when it was never ready or was retired.</summary>
    public static RecordRing? Adopt(RingMemory memory) =>
        memory.HeaderWord(0) == Magic && memory.HeaderWord(CapacityAt) == memory.Capacity && memory.HeaderWord(ReadAt) >= 0
            && memory.Capacity % EntryHeader == 0
            ? new RecordRing(memory)
            : null;

    public static long Footprint(long length)
    {
        var full = length / MaxPart;
        var rest = length % MaxPart;
        var bytes = full * (EntryHeader + MaxPart);
        return rest > 0 || full == 0 ? bytes + EntryHeader + Pad(rest) : bytes;
    }

    /// <summary>
    /// One atomic step: all of <paramref name="footprint"/> or nothing, so that a full ring leaves no hole. What was reserved must be
    /// published, or the reader waits there.
    /// </summary>
    public RecordOutcome TryReserve(long footprint, out long start)
    {
        var reserved = Volatile.Read(ref _cursors.Reserved);
        while (true)
        {
            start = reserved;
            if (reserved < 0)
                return RecordOutcome.Failed;
            if (reserved + footprint - Volatile.Read(ref _cursors.Read) > _capacity)
                return RecordOutcome.Full;
            var seen = Interlocked.CompareExchange(ref _cursors.Reserved, reserved + footprint, reserved);
            if (seen == reserved)
                return RecordOutcome.Taken;
            reserved = seen;
        }
    }

    /// <summary>
    /// Copies a record into its reservation and publishes it. The parts are published last to first: once the first shows, all are
    /// there, and a crash before that leaves continuations without a beginning, which recovery drops.
    /// </summary>
    public void Publish(long start, in RecordHeader record, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        var length = (long)head.Length + tail.Length;
        var last = length == 0 ? 0 : (length - 1) / MaxPart;
        for (var part = last; part >= 0; part--)
        {
            var from = part * MaxPart;
            var size = (int)Math.Min(MaxPart, length - from);
            var first = from < head.Length ? head.Slice((int)from, (int)Math.Min(size, head.Length - from)) : default;
            var second = first.Length < size ? tail.Slice((int)(from + first.Length - head.Length), size - first.Length) : default;
            var flags = (part < last ? PartFlags.More : PartFlags.None) | (part > 0 ? PartFlags.Continued : PartFlags.None);
            PublishPart(start + part * (EntryHeader + MaxPart), record with { Length = size, Flags = flags }, first, second);
        }
    }

    /// <summary>Whether an entry was published at <paramref name="position"/>.</summary>
    public bool IsPublished(long position) => Volatile.Read(ref _memory.Word(position % _capacity)) == (Secret ^ position);

    /// <summary>The 44 bytes of a published entry's header.</summary>
    public ReadOnlySpan<byte> HeaderOf(long position) => _memory.Bytes(position % _capacity + sizeof(long), RecordHeader.Size);

    /// <summary>The payload of an entry, in two pieces where it wraps.</summary>
    public void PayloadOf(long position, int length, out Span<byte> first, out Span<byte> second)
    {
        var offset = (position + EntryHeader) % _capacity;
        var straight = (int)Math.Min(length, _capacity - offset);
        first = _memory.Bytes(offset, straight);
        second = _memory.Bytes(0, length - straight);
    }

    /// <summary>Gives the room before <paramref name="position"/> back to the writers. The reader only.</summary>
    public void Release(long position)
    {
        Volatile.Write(ref _memory.HeaderWord(ReadAt), position);
        Volatile.Write(ref _cursors.Read, position);
    }

    /// <summary>No reservation succeeds afterwards; says where the last one ended.</summary>
    public long Close()
    {
        var reserved = Interlocked.Exchange(ref _cursors.Reserved, Closed);
        return reserved;
    }

    /// <summary>Only when all that was ever published is in a sealed segment: the next start then need not walk the whole ring to find nothing.</summary>
    public void Retire() => Volatile.Write(ref _memory.HeaderWord(0), 0);

    /// <summary>Only after <see cref="Close"/> and when every reservation was seen published: then no writer touches the memory.</summary>
    public void Dispose() => _memory.Dispose();

    private static long Pad(long length) => (length + EntryHeader - 1) / EntryHeader * EntryHeader;

    private void PublishPart(long position, in RecordHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        PayloadOf(position, header.Length, out var one, out var two);
        Spread(first, second, one, two);
        RecordHeader.Write(_memory.Bytes(position % _capacity + sizeof(long), RecordHeader.Size), header, first, second);
        Volatile.Write(ref _memory.Word(position % _capacity), Secret ^ position);
    }

    /// <summary>Copies two pieces into two places of the same total length.</summary>
    private static void Spread(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> one, Span<byte> two)
    {
        if (first.Length <= one.Length)
        {
            first.CopyTo(one);
            var rest = one.Length - first.Length;
            second[..rest].CopyTo(one[first.Length..]);
            second[rest..].CopyTo(two);
            return;
        }
        first[..one.Length].CopyTo(one);
        first[one.Length..].CopyTo(two);
        second.CopyTo(two[(first.Length - one.Length)..]);
    }

    /// <summary>The two counters on cache lines of their own: every writer moves one, the reader the other.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Cursors
    {
        [FieldOffset(128)]
        public long Reserved;

        [FieldOffset(256)]
        public long Read;
    }
}
