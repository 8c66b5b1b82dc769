using Sallyport.Ssh.Keys;

namespace Sallyport.Ssh.Transport;

/// <summary>What a transport offers and allows. Immutable: one serves all connections of its kind.</summary>
public sealed record SshTransportOptions
{
    public required SshRole Role { get; init; }

    /// <summary>The server's keys, best first. The client has none.</summary>
    public IReadOnlyList<ISigner> HostKeys { get; init; } = [];

    /// <summary>The client's judge of servers; it must have one.</summary>
    public IHostKeyVerifier? HostKeyVerifier { get; init; }

    public IReadOnlyList<string> Kex { get; init; } = SshAlgorithms.Kex;

    public IReadOnlyList<string> Ciphers { get; init; } = SshAlgorithms.Ciphers;

    public IReadOnlyList<string> Macs { get; init; } = SshAlgorithms.Macs;

    /// <summary>Sent by the server as server-sig-algs (RFC 8308 §3.1).</summary>
    public IReadOnlyList<string> UserSignatures { get; init; } = SshAlgorithms.UserSignatures;

    /// <summary>The longest packet_length before authentication, in bytes (RFC 4253 §6.1 asks for 35000).</summary>
    public int MaxPacketBeforeAuthentication { get; init; } = 35_000;

    /// <summary>The longest packet_length afterwards, in bytes.</summary>
    public int MaxPacket { get; init; } = 256 * 1024;

    /// <summary>From the first byte, or from a KEXINIT of either side, until the peer's NEWKEYS.</summary>
    public TimeSpan KexTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>New keys are asked for when that many bytes were sent or received with the old ones.</summary>
    public long RekeyBytes { get; init; } = 1L << 30;

    /// <summary>New keys are asked for when that many packets were sent or received with the old ones.</summary>
    public long RekeyPackets { get; init; } = 1L << 30;

    /// <summary>With keys that were used for that many packets in one direction nothing goes on.</summary>
    public long MaxPacketsPerKey { get; init; } = 1L << 31;

    /// <summary>New keys are asked for when the old ones are that old.</summary>
    public TimeSpan RekeyInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The peer may ask for new keys (after its first time) when that many bytes went in both directions since the last…
    /// OpenSSH's <c>RekeyLimit 1M</c> asks up to a packet before the megabyte.
    /// </summary>
    public long PeerRekeyBytes { get; init; } = 1 << 19;

    /// <summary>…or when the last are that old.</summary>
    public TimeSpan PeerRekeyInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many bytes of <see cref="SshTransport.Post"/>ed messages may wait for a peer that does not read or for new
    /// keys.
    /// </summary>
    public int MaxPosted { get; init; } = 128 * 1024;

    /// <summary>For tests: an old peer that does not know the strict key exchange.</summary>
    internal bool IsStrictOffered { get; init; } = true;

    /// <summary>For tests: a client that announces a guess (RFC 4253 §7).</summary>
    internal bool IsGuessAnnounced { get; init; }
}
