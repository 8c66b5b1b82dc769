using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sallyport.Recording.Segments;

/// <summary>
/// Tells the kernel what a recording is: bytes written once, in order, and hardly ever read again. Each stretch is handed to the
/// device when it is full and leaves the page cache a stretch later. So a seal finds next to nothing left to write, a recording does
/// not push the database's pages out of memory, and the pages of one stretch serve the next (a page that was never used before costs
/// many times the copy into it). Advice only, by sync_file_range(2) and posix_fadvise(2): nothing depends on it being taken.
/// </summary>
internal sealed partial class WriteBehind(long offset)
{
    private const long Stretch = 8 << 20;
    private const uint StartWriting = 2;
    private const int DontNeed = 4;

    private long _handed = offset;

    /// <summary>The file has been written up to <paramref name="end"/>.</summary>
    public void Wrote(SafeFileHandle file, long end)
    {
        if (end - _handed < Stretch || !OperatingSystem.IsLinux())
            return;
        _ = SyncFileRange(file, _handed, end - _handed, StartWriting);
        // All before this stretch, again: what the device had not finished last time stayed in the cache.
        _ = PosixFadvise(file, 0, _handed, DontNeed);
        _handed = end;
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int PosixFadvise(SafeFileHandle file, long offset, long length, int advice);
}
