namespace Sallyport.Hosting;

/// <summary>The gateway's folder, owned by one gateway at a time: a lock file that the kernel frees when its process dies.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <exception cref="StartFailure">Another gateway has it, or it cannot be written.</exception>
    public static DataFolder Open(string path)
    {
        try
        {
            PrivateFiles.MakeFolder(path);
            return new DataFolder(path, Take(System.IO.Path.Combine(path, "lock"), path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailure(StartFault.CannotUseFiles, $"the data folder {path} cannot be written: {e.Message}",
                "Make it writable for this user, or choose another with data: in sallyport.yaml.");
        }
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Take(string file, string folder)
    {
        // FileShare.None is flock(LOCK_EX) on Linux: the file can be opened first, so that "taken" differs from "not writable".
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException) && File.Exists(file))
        {
            throw new StartFailure(StartFault.StateLocked, $"another gateway owns the data folder {folder}.", "Stop it, or give this one its own with data: in sallyport.yaml.");
        }
    }
}
