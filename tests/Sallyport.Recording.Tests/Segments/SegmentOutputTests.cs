using System.Security.Cryptography;
using Sallyport.Recording.Segments;
using Sallyport.Recording.Tests.Support;

namespace Sallyport.Recording.Tests.Segments;

/// <summary>What goes past the page cache, beside what goes through it, on real file systems (needs root to mount them).</summary>
public sealed class SegmentOutputTests
{
    private const long Room = 8 << 20;

    /// <summary>Offsets that no write left on a page, lengths around the shortest that goes straight to the device.</summary>
    private static readonly int[] Lengths = [128, 5000, 1 << 20, 1, 300_001, 262_144, 266_240, 266_239, 99, 700_123];

    [Fact]
    public void DirectAndCachedWritesMakeOneFileInOrder()
    {
        using var rig = new Rig();
        var (path, expected, isDirect) = WriteAll(rig.Folder, new DiskReserve(rig.Folder, 0, 0));
        Assert.True(isDirect);
        Assert.Equal(expected, File.ReadAllBytes(path));
    }

    [Fact]
    public void AFileSystemWithoutDirectWritesGetsThemThroughTheCache()
    {
        using var rig = new Rig();
        using var mount = new Mount(rig.Folder, "ramfs");
        var (path, expected, isDirect) = WriteAll(rig.Folder, new DiskReserve(rig.Folder, 0, 0));
        Assert.False(isDirect);
        Assert.Equal(expected, File.ReadAllBytes(path));
    }

    [Fact]
    public void Threat89_ADirectWriteToAFullDeviceSpendsTheReserveAndLosesNothing()
    {
        using var rig = new Rig();
        using var mount = new Mount(rig.Folder, "tmpfs", "-o", $"size={Room}");
        var reserve = new DiskReserve(rig.Folder, 0, Room / 2);
        reserve.Prepare();
        var (path, expected, _) = WriteAll(rig.Folder, reserve, repeat: 2);
        Assert.True(reserve.IsSpent);
        Assert.Equal(expected, File.ReadAllBytes(path));
    }

    [Fact]
    public void Threat89_ADirectWriteToAFullDeviceWithoutReserveFails()
    {
        using var rig = new Rig();
        using var mount = new Mount(rig.Folder, "tmpfs", "-o", $"size={Room}");
        Assert.Throws<IOException>(() => WriteAll(rig.Folder, new DiskReserve(rig.Folder, 0, 0), repeat: 4));
    }

    private static (string Path, byte[] Expected, bool IsDirect) WriteAll(string folder, DiskReserve reserve, int repeat = 1)
    {
        var path = Path.Combine(folder, "output");
        using var output = new SegmentOutput(PrivateFile.Create(path, FileMode.CreateNew), reserve, 0);
        var buffer = new BlockBuffer();
        var expected = new MemoryStream();
        foreach (var length in Enumerable.Repeat(Lengths, repeat).SelectMany(static lengths => lengths))
        {
            buffer.Start(output.Length);
            var bytes = buffer.Block[..length];
            RandomNumberGenerator.Fill(bytes);
            expected.Write(bytes);
            output.Write(bytes, direct: true);
            Assert.Equal(expected.Length, output.Length);
        }
        output.Sync();
        return (path, expected.ToArray(), output.CanBeDirect);
    }
}
