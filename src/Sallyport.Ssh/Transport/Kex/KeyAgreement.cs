using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport.Kex;

/// <summary>
/// One agreement on a secret, from either side: the client opens, the server answers, the client finishes. Used once. What the peer
/// sent wrong is false.
/// </summary>
internal abstract class KeyAgreement : IDisposable
{
    /// <summary>Of the exchange hash and of the keys.</summary>
    public abstract HashAlgorithmName Hash { get; }

    /// <summary>The client's public value.</summary>
    public abstract byte[] Open();

    /// <summary>The server's public value, and the secret as it goes into hashes (with its length).</summary>
    public abstract bool TryAnswer(
        ReadOnlySpan<byte> client, [NotNullWhen(true)] out byte[]? server, [NotNullWhen(true)] out byte[]? secret);

    /// <summary>The secret as it goes into hashes (with its length).</summary>
    public abstract bool TryFinish(ReadOnlySpan<byte> server, [NotNullWhen(true)] out byte[]? secret);

    public abstract void Dispose();

    /// <exception cref="NotSupportedException">Nobody knows the name here.</exception>
    public static KeyAgreement Create(string name) => name switch
    {
        "mlkem768x25519-sha256" => new MLKemAgreement(),
        "curve25519-sha256" or "curve25519-sha256@libssh.org" => new X25519Agreement(),
        "ecdh-sha2-nistp256" => new EcdhAgreement(ECCurve.NamedCurves.nistP256, 32, HashAlgorithmName.SHA256),
        "ecdh-sha2-nistp384" => new EcdhAgreement(ECCurve.NamedCurves.nistP384, 48, HashAlgorithmName.SHA384),
        "diffie-hellman-group14-sha256" => ModpAgreement.Group14(),
        "diffie-hellman-group16-sha512" => ModpAgreement.Group16(),
        _ => throw new NotSupportedException($"There is no key exchange '{name}'."),
    };

    /// <summary>A shared number as <c>mpint</c>.</summary>
    protected static byte[] Number(ReadOnlySpan<byte> magnitude) => new SshWriter(magnitude.Length + 5).MPInt(magnitude).Written.ToArray();
}
