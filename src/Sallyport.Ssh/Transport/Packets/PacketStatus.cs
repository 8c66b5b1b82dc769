namespace Sallyport.Ssh.Transport.Packets;

/// <summary>What a look for the next packet found.</summary>
internal enum PacketStatus
{
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The length field is out of its bounds.</summary>
    BadLength,

    /// <summary>Changed on its way, or sealed with another key.</summary>
    BadTag,

    /// <summary>The padding is shorter than 4 bytes or longer than the packet, or there is no payload.</summary>
    BadPadding,
}
