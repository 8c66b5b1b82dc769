namespace Sallyport.Ssh.Upstream;

/// <summary>Why there is no connection to the target.</summary>
public enum SshFault : byte
{
    None,
    Unreachable,
    TimedOut,

    /// <summary>No common algorithm, or the target broke the protocol.</summary>
    KeyExchangeFailed,

    /// <summary>The target's host key is not the one that it should be.</summary>
    HostKeyRefused,

    /// <summary>The gateway's own credential cannot be read.</summary>
    NoCredential,

    /// <summary>The target does not take the gateway's credential.</summary>
    LoginRefused,
}
