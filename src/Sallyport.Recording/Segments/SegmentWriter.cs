using Sallyport.Core;
using Sallyport.Recording.Ring;

namespace Sallyport.Recording.Segments;

/// <summary>
/// Appends blocks to the current segment, keeps the chain over blocks and segments, rolls and seals. For one thread: the flusher.
/// Throws <see cref="IOException"/> when the device refuses; then it must not be used again.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly string _folder;
    private readonly GatewayKey _key;
    private readonly TimeProvider _time;
    private readonly DiskReserve _reserve;
    private readonly HeadLog _heads;
    private readonly BlockBuffer _buffer = new();
    private readonly byte[] _chain;
    private SegmentOutput? _output;
    private long _number;
    private int _length;
    private int _count;
    private long _blockFirstRecord;
    private long _ringEpoch;
    private long _ringEnd;
    private long _loggedRecord;

    public SegmentWriter(string folder, GatewayKey key, TimeProvider time, DiskReserve reserve, HeadLog heads, ChainState state)
    {
        _folder = folder;
        _key = key;
        _time = time;
        _reserve = reserve;
        _heads = heads;
        _chain = (byte[])state.Hash.Clone();
        _number = state.Number;
        NextRecord = state.NextRecord;
        _ringEpoch = state.RingEpoch;
        _ringEnd = state.RingEnd;
        Spans = state.Spans;
        Name = "";
    }

    public SessionSpans Spans { get; }

    /// <summary>A copy of the chain's last hash.</summary>
    public byte[] Head => (byte[])_chain.Clone();

    /// <summary>The current segment's file name.</summary>
    public string Name { get; private set; }

    public long NextRecord { get; private set; }

    /// <summary>Bytes of the current segment.</summary>
    public long Length => _output!.Length;

    public bool HasBlock => _count > 0;

    /// <summary>Whether a part of the largest size still fits into the block.</summary>
    public bool HasRoom => _length + RecordHeader.Size + RecordRing.MaxPart <= BlockHeader.MaxPayload / 2;

    /// <summary>Claims the bytes of a record in the block being built and notes whose it is.</summary>
    public Span<byte> Claim(in RecordHeader record)
    {
        if (_count == 0)
        {
            _blockFirstRecord = NextRecord;
            _buffer.Start(Length);
        }
        var size = RecordHeader.Size + record.Length;
        var target = _buffer.Payload.Slice(_length, size);
        _length += size;
        _count++;
        NextRecord++;
        Spans.Note(record, Length);
        return target;
    }

    public void OpenSegment()
    {
        _number++;
        var now = _time.GetUtcNow();
        var place = SegmentFolder.For(_folder, now, _number);
        _output = new SegmentOutput(PrivateFile.Create(place.Path, FileMode.CreateNew), _reserve, 0);
        Name = place.Name;
        Spans.StartSegment();
        var header = new byte[SegmentHeader.Size];
        new SegmentHeader(now.UtcTicks, _number, NextRecord, (byte[])_chain.Clone(), _key.Id, _ringEpoch, _ringEnd).Write(header);
        _output.Write(header, direct: false);
        ChainHash.Compute(header, _chain);
        LogHead(isSealed: false);
    }

    /// <summary>
    /// Writes the block built so far. <paramref name="ringEnd"/> is how far of the ring's run <paramref name="ringEpoch"/> is stored now;
    /// <paramref name="direct"/>: straight to the device if it is long, which takes less of the processor and as long as the device does.
    /// </summary>
    public void WriteBlock(long ringEpoch, long ringEnd, bool direct)
    {
        _ringEpoch = ringEpoch;
        _ringEnd = ringEnd;
        WriteBlock(BlockKind.Records, _blockFirstRecord, direct);
    }

    public void Sync() => _output!.Sync();

    /// <summary>Anchors the chain as it stands, if it grew since the last time.</summary>
    public void LogHeadIfMoved()
    {
        if (_loggedRecord != NextRecord)
            LogHead(isSealed: false);
    }

    /// <summary>Ends the segment: the sessions' index, the signed seal, on the device.</summary>
    public void SealSegment(bool afterCrash)
    {
        var indexOffset = Length;
        foreach (var (session, span) in Spans.All)
        {
            if (_length + SessionSpan.Size > BlockHeader.MaxPayload)
                WriteBlock(BlockKind.Index, NextRecord, direct: false);
            span.Write(_buffer.Payload[_length..], session);
            _length += SessionSpan.Size;
            _count++;
        }
        if (_count > 0)
            WriteBlock(BlockKind.Index, NextRecord, direct: false);
        _output!.Write(new Seal(afterCrash, _time.GetUtcNow().UtcTicks, indexOffset, NextRecord, _chain).ToBytes(_key), direct: false);
        Sync();
        _output.Dispose();
        _output = null;
        LogHead(isSealed: true);
    }

    /// <summary>Takes up a segment that a crash left without a seal, at the end of its last whole block.</summary>
    public void Resume(SegmentName place, long offset)
    {
        var file = PrivateFile.Create(place.Path, FileMode.Open);
        file.SetLength(offset);
        _output = new SegmentOutput(file, _reserve, offset);
        Name = place.Name;
    }

    public void Dispose() => _output?.Dispose();

    private void LogHead(bool isSealed)
    {
        _heads.Append(_time.GetUtcNow(), Name, NextRecord, _chain, isSealed);
        _loggedRecord = NextRecord;
    }

    private void WriteBlock(BlockKind kind, long firstRecord, bool direct)
    {
        var bytes = _buffer.Block[..(_length + BlockHeader.Overhead)];
        var hashed = bytes[..^ChainHash.Size];
        new BlockHeader(kind, _length, _count, firstRecord, _ringEpoch, _ringEnd, _time.GetUtcNow().UtcTicks).Write(hashed, _chain);
        ChainHash.Compute(hashed, _chain);
        _chain.CopyTo(bytes[hashed.Length..]);
        _output!.Write(bytes, direct);
        _length = 0;
        _count = 0;
    }
}
