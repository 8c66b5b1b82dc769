namespace Sallyport.Storage;

/// <summary>Files and folders that only the gateway's user may read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the folder (0700) with those above it, unless it is there. One that is there keeps its mode.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Owner | UnixFileMode.UserExecute);
    }

    /// <summary>Makes an empty file (0600) unless it is there; narrows the mode of one that is.</summary>
    public static void Create(string path)
    {
        Open(path, FileShare.ReadWrite).Dispose();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, Owner);
    }

    /// <summary>Opens a file (made with 0600) for this process alone; an <see cref="IOException"/> when another one has it so.</summary>
    public static FileStream OpenExclusive(string path) => Open(path, FileShare.None);

    private static FileStream Open(string path, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Owner;
        return new FileStream(path, options);
    }
}
