using System.Buffers;
using System.Security.Cryptography;
using Sallyport.Ssh.Transport.Ciphers;
using Sallyport.Ssh.Transport.Packets;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>A packet writer and a packet reader with the same fresh keys.</summary>
internal static class Packets
{
    public static (PacketWriter Writer, PacketReader Reader) Make(string cipher, string mac)
    {
        var suite = CipherSuite.Of(cipher);
        var key = RandomNumberGenerator.GetBytes(suite.KeyLength);
        var iv = RandomNumberGenerator.GetBytes(suite.IvLength);
        var macKey = RandomNumberGenerator.GetBytes(CipherSuite.MacKeyLength(mac));
        var (writer, reader) = (new PacketWriter(), new PacketReader { MaxLength = 256 * 1024 });
        writer.Use(suite.Create(key, iv, mac, macKey), restart: true);
        reader.Use(suite.Create(key, iv, mac, macKey), restart: true);
        return (writer, reader);
    }

    public static byte[] Write(this PacketWriter writer, params ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, payload, default);
        return output.WrittenSpan.ToArray();
    }

    public static PacketStatus Read(this PacketReader reader, byte[] bytes, out byte[] payload)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        var status = reader.TryRead(ref buffer, out var read);
        payload = read.ToArray();
        return status;
    }
}
