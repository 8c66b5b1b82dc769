using System.Buffers;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Sallyport.Ssh.Transport.Ciphers;
using Sallyport.Ssh.Transport.Packets;

namespace Sallyport.Benchmarks;

/// <summary>One SSH packet of a keystroke and one of a bulk transfer: made, and made and read again.</summary>
[MemoryDiagnoser]
public class SshPacketBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly byte[] _head = new byte[9];
    private byte[] _body = [];
    private PacketWriter _writer = new();
    private PacketWriter _twin = new();
    private PacketReader _reader = new();

    [Params(64, 32 * 1024)]
    public int Bytes { get; set; }

    [Params(
        "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-ctr hmac-sha2-256-etm@openssh.com",
        "aes128-ctr hmac-sha2-256")]
    public string Protection { get; set; } = "";

    [GlobalSetup]
    public void Make()
    {
        var names = Protection.Split(' ');
        var (suite, mac) = (CipherSuite.Of(names[0]), names.Length > 1 ? names[1] : "");
        var key = RandomNumberGenerator.GetBytes(suite.KeyLength);
        var iv = RandomNumberGenerator.GetBytes(suite.IvLength);
        var macKey = RandomNumberGenerator.GetBytes(CipherSuite.MacKeyLength(mac));
        (_writer, _twin, _reader) = (new PacketWriter(), new PacketWriter(), new PacketReader());
        _writer.Use(suite.Create(key, iv, mac, macKey), restart: true);
        _twin.Use(suite.Create(key, iv, mac, macKey), restart: true);
        _reader.Use(suite.Create(key, iv, mac, macKey), restart: true);
        _body = RandomNumberGenerator.GetBytes(Bytes - _head.Length);
    }

    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        _writer.Write(_output, _head, _body);
        return _output.WrittenCount;
    }

    [Benchmark]
    public int WriteAndRead()
    {
        _output.ResetWrittenCount();
        _twin.Write(_output, _head, _body);
        var buffer = new ReadOnlySequence<byte>(_output.WrittenMemory);
        if (_reader.TryRead(ref buffer, out var payload) != PacketStatus.Complete)
            throw new InvalidOperationException("The packet was not read.");
        return payload.Length;
    }
}
