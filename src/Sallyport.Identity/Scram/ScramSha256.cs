using System.Security.Cryptography;
using System.Text;

namespace Sallyport.Identity;

/// <summary>
/// SCRAM-SHA-256 verifiers (RFC 5802 §3, RFC 7677): password, salt and iterations → StoredKey and ServerKey of 32 bytes each.
/// </summary>
/// <remarks>
/// <see cref="Iterations"/> is the least that RFC 7677 §4 allows. Stretching only slows the guessing of weak passwords, and an
/// issued secret is 256 random bits: there is nothing to guess, at any speed. Configured secrets use the same number because all
/// secrets of a login share it; their verifiers live in memory alone, so there is no stored verifier to guess against.
/// </remarks>
public static class ScramSha256
{
    public const int Iterations = 4096;

    public const int SaltLength = 16;

    public const int KeyLength = 32;

    /// <summary>
    /// The password as SCRAM hashes it. SASLprep (RFC 4013) leaves ASCII as it is, which PostgreSQL relies on too. Other
    /// characters need Unicode normalization, which the gateway runs without, so they are refused: false, also for an empty one.
    /// </summary>
    public static bool IsPreparable(ReadOnlySpan<byte> password) => !password.IsEmpty && Ascii.IsValid(password);

    /// <summary>Derives both keys. The intermediate keys, from which the password's proof could be made, are zeroed.</summary>
    public static (byte[] StoredKey, byte[] ServerKey) Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        Span<byte> salted = stackalloc byte[KeyLength];
        Span<byte> clientKey = stackalloc byte[KeyLength];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, salted, iterations, HashAlgorithmName.SHA256);
        HMACSHA256.HashData(salted, "Client Key"u8, clientKey);
        var storedKey = SHA256.HashData(clientKey);
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return (storedKey, serverKey);
    }
}
