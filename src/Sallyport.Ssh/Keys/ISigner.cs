namespace Sallyport.Ssh.Keys;

/// <summary>A private key, or a certificate with its private key. Thread-safe: one serves all connections.</summary>
public interface ISigner
{
    /// <summary>The public key's blob, or the certificate's.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The signature (host key) algorithms that it can sign with, best first.</summary>
    IReadOnlyList<string> Algorithms { get; }

    /// <summary>The signature's blob (RFC 4253 §6.6): string algorithm, string signature.</summary>
    /// <param name="algorithm">One of <see cref="Algorithms"/>.</param>
    /// <param name="data">Not hashed yet.</param>
    byte[] Sign(string algorithm, ReadOnlySpan<byte> data);
}
