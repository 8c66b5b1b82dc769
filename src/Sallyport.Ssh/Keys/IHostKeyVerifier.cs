namespace Sallyport.Ssh.Keys;

/// <summary>Decides whether a server is the one that was meant. Thread-safe.</summary>
public interface IHostKeyVerifier
{
    /// <summary>The host key algorithms to offer, best first.</summary>
    IReadOnlyList<string> Algorithms { get; }

    /// <summary>Why the server is not the one that was meant; null when its key is trusted and the signature is its own.</summary>
    /// <param name="algorithm">The negotiated one; a key or a signature of another kind is refused.</param>
    /// <param name="publicKey">The key's blob, or the certificate's.</param>
    /// <param name="signature">string algorithm, string signature.</param>
    /// <param name="signedData">The exchange hash, not hashed again.</param>
    string? FindFault(string algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> signedData);
}
