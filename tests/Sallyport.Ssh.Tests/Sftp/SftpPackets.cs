using Sallyport.Ssh.Sftp;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Sftp;

/// <summary>Packets, the slow and obvious way.</summary>
internal static class SftpPackets
{
    public static byte[] Packet(SftpType type, Func<SshWriter, SshWriter> body)
    {
        var written = body(new SshWriter().Byte((byte)type)).Written.ToArray();
        return [.. new SshWriter().UInt32((uint)written.Length).Written, .. written];
    }

    public static readonly byte[] Init = Packet(SftpType.Init, static w => w.UInt32(3));

    public static readonly byte[] VersionAnswer =
        Packet(SftpType.Version, static w => w.UInt32(3).String("limits@openssh.com").String("1").String("evil@example").String("1"));

    public static byte[] Open(uint id, string path, uint flags) => Packet(SftpType.Open, w => w.UInt32(id).String(path).UInt32(flags).UInt32(0));

    public static byte[] OnPath(SftpType type, uint id, string path) => Packet(type, w => w.UInt32(id).String(path));

    public static byte[] OnHandle(SftpType type, uint id, string handle) => Packet(type, w => w.UInt32(id).String(handle));

    public static byte[] OnPaths(SftpType type, uint id, string first, string second) => Packet(type, w => w.UInt32(id).String(first).String(second));

    public static byte[] Extended(uint id, string name, string path) => Packet(SftpType.Extended, w => w.UInt32(id).String(name).String(path));

    public static byte[] Read(uint id, string handle, ulong offset, uint length) =>
        Packet(SftpType.Read, w => w.UInt32(id).String(handle).UInt64(offset).UInt32(length));

    public static byte[] Write(uint id, string handle, ulong offset, byte[] data) =>
        Packet(SftpType.Write, w => w.UInt32(id).String(handle).UInt64(offset).String(data));

    public static byte[] Status(uint id, SftpStatus status, string message = "") =>
        Packet(SftpType.Status, w => w.UInt32(id).UInt32((uint)status).String(message).String(""));

    public static byte[] Handle(uint id, string handle) => Packet(SftpType.Handle, w => w.UInt32(id).String(handle));

    public static byte[] Data(uint id, byte[] data) => Packet(SftpType.Data, w => w.UInt32(id).String(data));
}
