using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;

namespace Sallyport.Recording.Ring;

/// <summary>
/// The mapped bytes of the ring's file: one page of header, then the data. The one file of the gateway that uses unsafe code: it
/// turns the mapping's pointer into bounded spans and words, and nothing outside sees the pointer.
/// The owner must not touch it after <see cref="Dispose"/>; <see cref="RecordRing"/> sees to that.
/// </summary>
internal sealed unsafe class RingMemory : IDisposable
{
    private const int HeaderBytes = 4096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _base;

    private RingMemory(MemoryMappedFile file, MemoryMappedViewAccessor view, long capacity)
    {
        _file = file;
        _view = view;
        Capacity = capacity;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
        _base += view.PointerOffset;
    }

    /// <summary>Bytes of data, without the header page.</summary>
    public long Capacity { get; }

    public Span<byte> Header => new(_base, HeaderBytes);

    /// <summary>Makes the file with all its blocks allocated, so that a full device cannot strike in the middle of a copy.</summary>
    public static RingMemory Create(string path, long capacity)
    {
        using (PrivateFile.Create(path, FileMode.Create, HeaderBytes + capacity))
        {
        }
        return TryMap(path) ?? throw new InvalidDataException("The ring could not be allocated.");
    }

    /// <summary>Null when there is no ring, or only the beginning of making one.</summary>
    public static RingMemory? TryMap(string path)
    {
        var length = File.Exists(path) ? new FileInfo(path).Length : 0;
        if (length <= HeaderBytes)
            return null;
        var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.ReadWrite);
        try
        {
            return new RingMemory(file, file.CreateViewAccessor(0, length), length - HeaderBytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A word of the header, for atomic access; <paramref name="offset"/> is a multiple of 8.</summary>
    public ref long HeaderWord(int offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)(HeaderBytes - sizeof(long)));
        return ref Unsafe.AsRef<long>(_base + offset);
    }

    /// <summary>A word of the data, for atomic access; <paramref name="offset"/> is a multiple of 8.</summary>
    public ref long Word(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)(Capacity - sizeof(long)));
        return ref Unsafe.AsRef<long>(_base + HeaderBytes + offset);
    }

    public Span<byte> Bytes(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)(Capacity - length));
        return new Span<byte>(_base + HeaderBytes + offset, length);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
