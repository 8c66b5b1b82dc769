namespace Sallyport.Recording;

/// <summary>Keeps a second process out of a recording folder; the system lets go of it when the process dies.</summary>
internal static class FolderLock
{
    /// <summary>Null when somebody else holds it.</summary>
    public static FileStream? TryTake(string folder)
    {
        var path = Path.Combine(folder, "lock");
        try
        {
            return PrivateFile.Create(path, FileMode.OpenOrCreate, share: FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    public static bool IsHeld(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "lock")))
            return false;
        using var taken = TryTake(folder);
        return taken is null;
    }
}
