using System.Text;

namespace Sallyport.Shared;

/// <summary>
/// Files and folders that only the gateway's user may read. What is written whole is written aside and moved, so that no half a file
/// is met. Compiled into each project that keeps files, since Core does no I/O.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Makes the folder with mode 0700; one that is there keeps its mode.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerFolder);
    }

    /// <summary>Lets others go through the folder to what they may open by name, and still not list it.</summary>
    public static void LetPass(string folder)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
    }

    /// <summary>Mode 0600.</summary>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text), OwnerOnly, overwrite: true);

    /// <summary>Mode 0600; an <see cref="IOException"/> when there is a file of that name.</summary>
    public static void WriteNew(string path, ReadOnlySpan<byte> bytes) => Write(path, bytes, OwnerOnly, overwrite: false);

    /// <summary>Mode 0644.</summary>
    public static void WritePublic(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text), Readable, overwrite: true);

    /// <summary>A new, empty file of mode 0600, to be written by the caller.</summary>
    public static FileStream Create(string path) => Open(path, FileMode.Create, FileAccess.Write, FileShare.Read, OwnerOnly);

    /// <summary>Makes an empty file (0600) unless it is there; narrows the mode of one that is.</summary>
    public static void Ensure(string path)
    {
        Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, OwnerOnly).Dispose();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, OwnerOnly);
    }

    /// <summary>Opens a file (made with 0600) for this process alone; an <see cref="IOException"/> when another one has it so.</summary>
    public static FileStream OpenExclusive(string path) =>
        Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, OwnerOnly);

    private static void Write(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode, bool overwrite)
    {
        var aside = $"{path}.{Environment.ProcessId}.new";
        using (var file = Open(aside, FileMode.Create, FileAccess.Write, FileShare.Read, mode))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite);
    }

    private static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, UnixFileMode unixMode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = unixMode;
        return new FileStream(path, options);
    }
}
