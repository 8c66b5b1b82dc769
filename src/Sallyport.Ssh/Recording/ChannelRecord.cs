using System.Buffers.Binary;

namespace Sallyport.Ssh.Recording;

/// <summary>Which of a channel's streams bytes belong to.</summary>
public enum ChannelStream : byte
{
    /// <summary>CHANNEL_DATA: standard output towards the client, standard input towards the upstream.</summary>
    Data = 0,

    /// <summary>CHANNEL_EXTENDED_DATA of type 1.</summary>
    Error = 1,
}

/// <summary>
/// The payload of an Answer or Input record of an SSH session: u32 little-endian number of the channel in the session (from 0, never
/// used again), u8 <see cref="ChannelStream"/>, then the bytes as the client saw or sent them, cut anywhere.
/// </summary>
public readonly ref struct ChannelRecord
{
    public const int HeadSize = 5;

    public uint Channel { get; private init; }

    public ChannelStream Stream { get; private init; }

    public ReadOnlySpan<byte> Bytes { get; private init; }

    /// <summary>Writes what stands before the bytes.</summary>
    public static void WriteHead(Span<byte> target, uint channel, ChannelStream stream)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, channel);
        target[4] = (byte)stream;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out ChannelRecord record)
    {
        record = default;
        if (payload.Length < HeadSize || payload[4] > (byte)ChannelStream.Error)
            return false;
        record = new ChannelRecord
        {
            Channel = BinaryPrimitives.ReadUInt32LittleEndian(payload),
            Stream = (ChannelStream)payload[4],
            Bytes = payload[HeadSize..],
        };
        return true;
    }
}
