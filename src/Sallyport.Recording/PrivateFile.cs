namespace Sallyport.Recording;

/// <summary>Files and folders only the gateway's own user may read: recordings hold what people asked and saw.</summary>
internal static class PrivateFile
{
    /// <summary>Opens for writing, unbuffered; others may read meanwhile unless <paramref name="share"/> says no.</summary>
    public static FileStream Create(string path, FileMode mode, long preallocate = 0, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = share,
            BufferSize = 0,
        };
        if (preallocate > 0)
            options.PreallocationSize = preallocate;
        if (mode != FileMode.Open && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        if (preallocate > 0)
            file.SetLength(preallocate);
        return file;
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
