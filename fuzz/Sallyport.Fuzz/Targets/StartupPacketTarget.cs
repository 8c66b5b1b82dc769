using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Postgres.Wire;

namespace Sallyport.Fuzz.Targets;

/// <summary>A packet reads the same however it is cut, and what was read says every byte that was there.</summary>
internal sealed class StartupPacketTarget : IFuzzTarget
{
    public string Name => "startup";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        Packet(StartupCode.Protocol30, Bytes.Utf8("user\0bot-7\0database\0shop\0options\0-c x=é\0\0")),
        Packet(StartupCode.Protocol30, Bytes.Utf8("user\0a\0\0")),
        Packet(StartupCode.Ssl, []), Packet(StartupCode.GssEncryption, []),
        Packet(StartupCode.Cancel, [0, 0, 0, 7, 1, 2, 3, 4]), Packet(StartupCode.Cancel, new byte[260]), Packet(2 << 16, [0]),
    ];

    public void Check(byte[] input, Random random)
    {
        var read = StartupPacket.TryRead(new ReadOnlySequence<byte>(input), out var packet, out var consumed);
        var again = StartupPacket.TryRead(Cuts.Sequence(input, random), out var cut, out var cutConsumed);
        Promise.Holds(read == again && consumed == cutConsumed, "a cut packet reads the same");
        Promise.Holds((read == StartupRead.Complete) == packet is not null, "a packet comes exactly with Complete");
        Promise.Holds(consumed <= input.Length && consumed <= StartupPacket.MaxLength, "no byte is taken that is not there");
        if (packet is null || cut is null)
            return;
        var whole = input[..(int)consumed];
        Promise.Holds(Written(packet, whole).AsSpan().SequenceEqual(whole), "the packet says every byte");
        Promise.Holds(Written(cut, whole).AsSpan().SequenceEqual(whole), "the cut packet says every byte");
    }

    private static byte[] Written(StartupPacket packet, byte[] whole) => packet.Kind switch
    {
        StartupKind.Startup => Packet(packet.Version, Bytes.Utf8(string.Concat(packet.Parameters.Select(p => $"{p.Key}\0{p.Value}\0")) + "\0")),
        StartupKind.CancelRequest => Packet(StartupCode.Cancel, [.. Bytes.Int32(packet.CancelProcessId), .. packet.CancelKey.Span]),
        _ => Packet(BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(4)), []),
    };

    private static byte[] Packet(int code, byte[] body) => [.. Bytes.Int32(8 + body.Length), .. Bytes.Int32(code), .. body];
}
