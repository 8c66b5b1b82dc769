using Sallyport.Ssh.Keys;

namespace Sallyport.Ssh.Transport;

/// <summary>What this transport knows, best first. No CBC, SHA-1, UMAC or compression.</summary>
public static class SshAlgorithms
{
    public static IReadOnlyList<string> Kex { get; } =
        ["mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384"];

    /// <summary>For old servers only, after <see cref="Kex"/>: finite-field groups of RFC 8268.</summary>
    public static IReadOnlyList<string> LegacyKex { get; } = ["diffie-hellman-group16-sha512", "diffie-hellman-group14-sha256"];

    public static IReadOnlyList<string> Ciphers { get; } =
        ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-ctr", "aes256-ctr"];

    public static IReadOnlyList<string> Macs { get; } =
        ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"];

    /// <summary>The server-sig-algs of RFC 8308: what users' keys may sign with.</summary>
    public static IReadOnlyList<string> UserSignatures => KeyAlgorithm.SignatureNames;
}
