using System.Runtime.InteropServices;

namespace Sallyport.Recording.Segments;

/// <summary>
/// The file of the segment being written; bytes only go to its end. Owns the handle. What is long may go straight to the device:
/// through the page cache a byte costs the kernel several times as much, and nobody is going to read it there. A device that is full
/// costs the reserve first; throws <see cref="IOException"/> when that does not help.
/// </summary>
internal sealed partial class SegmentOutput : IDisposable
{
    /// <summary>What memory, offset and length must be multiples of, for the device to take bytes as they lie. None asks for more.</summary>
    public const int Alignment = 4096;

    private const int ShortestDirect = 64 * Alignment;
    private const int SetStatus = 4;

    private readonly FileStream _file;
    private readonly DiskReserve _reserve;
    private readonly WriteBehind _behind;
    private readonly int _directFlag = DirectFlag();

    public SegmentOutput(FileStream file, DiskReserve reserve, long offset)
    {
        _file = file;
        _reserve = reserve;
        _behind = new WriteBehind(offset);
        CanBeDirect = _directFlag != 0;
        Length = offset;
    }

    public long Length { get; private set; }

    /// <summary>Whether bytes can go straight to the device, as far as is known: false for good once one did not.</summary>
    public bool CanBeDirect { get; private set; }

    /// <summary>
    /// Appends. With <paramref name="direct"/> the whole pages of <paramref name="bytes"/> do not pass the page cache, where the file
    /// system can do that and they lie in memory as they will in the file, modulo <see cref="Alignment"/>.
    /// </summary>
    public void Write(ReadOnlySpan<byte> bytes, bool direct)
    {
        var head = (int)(-Length & (Alignment - 1));
        var pages = (bytes.Length - head) & -Alignment;
        if (direct && CanBeDirect && pages >= ShortestDirect)
        {
            WriteCached(bytes[..head]);
            bytes = bytes[head..];
            if (TryWriteDirect(bytes[..pages]))
                bytes = bytes[pages..];
        }
        WriteCached(bytes);
        _behind.Wrote(_file.SafeFileHandle, Length);
    }

    /// <summary>Returns when the device has everything.</summary>
    public void Sync() => RandomAccess.FlushToDisk(_file.SafeFileHandle);

    public void Dispose() => _file.Dispose();

    private void WriteCached(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, bytes, Length);
        }
        catch (IOException) when (_reserve.Spend())
        {
            RandomAccess.Write(_file.SafeFileHandle, bytes, Length);
        }
        Length += bytes.Length;
    }

    /// <summary>
    /// False when the file system does not do it, is full, or anything else: what was written then is written again through the cache,
    /// which does, or says what is wrong.
    /// </summary>
    private bool TryWriteDirect(ReadOnlySpan<byte> pages)
    {
        if (Fcntl(_file.SafeFileHandle, SetStatus, _directFlag) != 0)
            return CanBeDirect = false;
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, pages, Length);
            Length += pages.Length;
            return true;
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            return CanBeDirect = false;
        }
        finally
        {
            _ = Fcntl(_file.SafeFileHandle, SetStatus, 0);
        }
    }

    /// <summary>O_DIRECT, which each architecture numbers for itself (asm/fcntl.h); zero where there is none.</summary>
    private static int DirectFlag() => !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 0x4000,
        Architecture.Arm64 => 0x10000,
        _ => 0,
    };

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(Microsoft.Win32.SafeHandles.SafeFileHandle file, int command, int argument);
}
