using System.Globalization;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>A device of its own of a given size in memory, which a test may fill. Needs the right to mount.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("disk");

    private SmallDisk()
    {
    }

    public string Path => _folder.FullPath;

    public static async Task<SmallDisk> MountAsync(int mebibytes)
    {
        var disk = new SmallDisk();
        var mounted = await Command.RunAsync("mount", ["-t", "tmpfs", "-o", Size(mebibytes), "sallyport-test", disk.Path]);
        if (mounted.ExitCode == 0)
            return disk;
        disk._folder.Dispose();
        throw new InvalidOperationException("This test fills a device of its own and must be allowed to mount one: " + mounted.Error);
    }

    public async Task GrowAsync(int mebibytes) => (await Command.RunAsync("mount", ["-o", "remount," + Size(mebibytes), Path])).OrThrow("remount");

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("umount", ["-l", Path]);
        _folder.Dispose();
    }

    private static string Size(int mebibytes) => string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m");
}
