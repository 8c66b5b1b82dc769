namespace Sallyport.Ssh.Transport;

/// <summary>How a transport stands, and who ended it.</summary>
public enum SshOutcome
{
    /// <summary>It goes on.</summary>
    Open,

    /// <summary>The peer said SSH_MSG_DISCONNECT.</summary>
    PeerDisconnected,

    /// <summary>The connection ended without a word, or in the middle of a packet.</summary>
    PeerGone,

    /// <summary>The peer broke the protocol, or a packet was changed on its way.</summary>
    PeerViolation,

    /// <summary>The two sides have no algorithm of some kind in common.</summary>
    NoCommonAlgorithm,

    /// <summary>The server's key is not trusted, or it did not sign.</summary>
    HostKeyRefused,

    /// <summary>A key exchange took longer than <see cref="SshTransportOptions.KexTimeout"/>.</summary>
    KexTimeout,

    /// <summary>The peer asked for new keys too often.</summary>
    RekeyAbuse,

    /// <summary>The keys have been used as long as they may, and the peer gave no new ones.</summary>
    KeysExhausted,

    /// <summary>The peer does not read: what it has to be answered has no more room.</summary>
    PeerDoesNotRead,

    /// <summary>This side called <see cref="SshTransport.DisconnectAsync"/>.</summary>
    Disconnected,
}
