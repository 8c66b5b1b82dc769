using System.Diagnostics;

namespace Sallyport.Recording.Tests.Support;

/// <summary>A file system in memory over a folder, until it is disposed (needs root, as continuous integration has).</summary>
internal sealed class Mount : IDisposable
{
    private readonly string _folder;

    public Mount(string folder, string type, params string[] options)
    {
        _folder = folder;
        Run("mount", ["-t", type, .. options, "none", folder]);
    }

    public void Dispose() => Run("umount", ["-l", _folder]);

    private static void Run(string program, string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
