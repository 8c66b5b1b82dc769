using System.Text;

namespace Sallyport.Hosting;

/// <summary>Files and folders that only the gateway's user may read. Written aside and moved, so that no half a file is met.</summary>
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
    public static void Write(string path, string text) => Write(path, text, OwnerOnly);

    /// <summary>A new, empty file of mode 0600, to be written by the caller.</summary>
    public static FileStream Create(string path) => Create(path, OwnerOnly);

    /// <summary>Mode 0644.</summary>
    public static void WritePublic(string path, string text) => Write(path, text, Readable);

    private static void Write(string path, string text, UnixFileMode mode)
    {
        var aside = $"{path}.{Environment.ProcessId}.new";
        using (var file = Create(aside, mode))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }

    private static FileStream Create(string path, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        return new FileStream(path, options);
    }
}
