using Microsoft.Win32.SafeHandles;

namespace Sallyport.Recording.Segments;

/// <summary>What stands at an offset of a segment.</summary>
internal enum BlockOutcome : byte
{
    Block,
    Seal,

    /// <summary>Nothing yet: the file ends here.</summary>
    End,

    /// <summary>The file ends inside the block: still being written, or cut.</summary>
    Partial,

    /// <summary>Neither a block nor a seal.</summary>
    Broken,
}

/// <summary>Reads one segment file block by block, also while it is written. Owns the handle and one buffer.</summary>
internal sealed class SegmentInput : IDisposable
{
    private readonly SafeFileHandle _file;
    private byte[] _buffer = new byte[64 * 1024];

    private SegmentInput(SafeFileHandle file, SegmentHeader header, byte[] headerHash)
    {
        _file = file;
        Header = header;
        HeaderHash = headerHash;
    }

    public SegmentHeader Header { get; }

    /// <summary>Where the segment's chain begins.</summary>
    public byte[] HeaderHash { get; }

    public long Length => RandomAccess.GetLength(_file);

    /// <summary>The block that was read last.</summary>
    public BlockHeader Block { get; private set; }

    public ReadOnlySpan<byte> BlockHead => _buffer.AsSpan(0, BlockHeader.Size);

    public ReadOnlySpan<byte> Previous => _buffer.AsSpan(BlockHeader.PreviousAt, ChainHash.Size);

    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(BlockHeader.Size, Block.Length);

    public ReadOnlySpan<byte> Hash => _buffer.AsSpan(BlockHeader.Size + Block.Length, ChainHash.Size);

    /// <summary>
    /// Null when the file is no segment. Throws <see cref="InvalidDataException"/> on one of another format: it is somebody's recording.
    /// </summary>
    public static SegmentInput? TryOpen(string path)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var bytes = new byte[SegmentHeader.Size];
            if (RandomAccess.Read(file, bytes, 0) == bytes.Length && SegmentHeader.TryRead(bytes, out var header))
                return new SegmentInput(file, header, ChainHash.Compute(bytes));
        }
        catch (InvalidDataException foreign)
        {
            file.Dispose();
            throw new InvalidDataException($"{Path.GetFileName(path)} {foreign.Message}", foreign);
        }
        file.Dispose();
        return null;
    }

    /// <summary>Reads what stands at <paramref name="offset"/>; checks nothing but the framing.</summary>
    public BlockOutcome ReadAt(long offset)
    {
        var left = Length - offset;
        if (left <= 0)
            return BlockOutcome.End;
        var got = RandomAccess.Read(_file, _buffer.AsSpan(0, BlockHeader.Size), offset);
        if (got >= sizeof(uint) && Seal.TryRead(ReadSealBytes(offset), out _))
            return BlockOutcome.Seal;
        if (got < BlockHeader.Size)
            return BlockOutcome.Partial;
        if (!BlockHeader.TryRead(_buffer, out var block))
            return BlockOutcome.Broken;
        var total = block.Length + BlockHeader.Overhead;
        if (total > left)
            return BlockOutcome.Partial;
        if (total > _buffer.Length)
            Array.Resize(ref _buffer, total);
        for (var at = BlockHeader.Size; at < total;)
        {
            var read = RandomAccess.Read(_file, _buffer.AsSpan(at, total - at), offset + at);
            if (read == 0)
                return BlockOutcome.Partial;
            at += read;
        }
        Block = block;
        return BlockOutcome.Block;
    }

    /// <summary>The hash the block ought to have.</summary>
    public byte[] ComputeHash() => ChainHash.Compute(_buffer.AsSpan(0, BlockHeader.Size + Block.Length));

    /// <summary>The bytes of the seal at <paramref name="offset"/>; fewer where the file is shorter.</summary>
    public byte[] ReadSealBytes(long offset)
    {
        var bytes = new byte[Seal.Size];
        var got = RandomAccess.Read(_file, bytes, offset);
        return got == bytes.Length ? bytes : bytes[..got];
    }

    /// <summary>The seal at the end of the file, or null while there is none.</summary>
    public Seal? FindSeal()
    {
        var offset = Length - Seal.Size;
        return offset >= SegmentHeader.Size && Seal.TryRead(ReadSealBytes(offset), out var seal) ? seal : null;
    }

    public void Dispose() => _file.Dispose();
}
