using System.Globalization;
using Sallyport.Shared;

namespace Sallyport.Storage;

/// <summary>
/// The right to write a store: an exclusive lock on <c>FILE.lock</c>, with the owner's process id beside it in <c>FILE.pid</c>
/// (a locked file cannot be read). The kernel frees the lock when the process dies, however it dies; the lock file itself stays,
/// for removing it would let two owners lock two files.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Null when another one has it; then <paramref name="owner"/> says who, in words.</summary>
    public static StoreLock? TryTake(string storePath, out string owner)
    {
        owner = "";
        var (lockPath, pidPath) = (storePath + ".lock", storePath + ".pid");
        FileStream file;
        try
        {
            file = PrivateFiles.OpenExclusive(lockPath);
        }
        catch (IOException) when (File.Exists(lockPath))
        {
            owner = ReadOwner(pidPath) is { } id ? $"process {id}" : "another process";
            return null;
        }
        try
        {
            PrivateFiles.Ensure(pidPath);
            File.WriteAllText(pidPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new StoreLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static string? ReadOwner(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return text.Length is > 0 and < 20 && text.All(char.IsAsciiDigit) ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
