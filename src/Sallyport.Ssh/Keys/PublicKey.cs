using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys;

/// <summary>
/// A public key (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709, OpenSSH's PROTOCOL.u2f), checked when it was read. Not a certificate.
/// Immutable.
/// </summary>
public abstract class PublicKey
{
    /// <summary>The longest blob that is looked at: an RSA key of 8,192 bits has 1 KiB.</summary>
    public const int MaxBlob = 4096;

    private protected PublicKey(string type, byte[] blob)
    {
        Type = type;
        Blob = blob;
    }

    /// <summary>The first string of the blob: <c>ssh-ed25519</c>, <c>ssh-rsa</c>.</summary>
    public string Type { get; }

    public ReadOnlyMemory<byte> Blob { get; }

    /// <summary>As ssh-keygen prints it: <c>SHA256:</c> and 43 characters of base64.</summary>
    public string Fingerprint => FingerprintOf(Blob.Span);

    public static string FingerprintOf(ReadOnlySpan<byte> blob) =>
        "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');

    /// <param name="blob">Copied.</param>
    /// <param name="key">Null when false.</param>
    /// <param name="fault">What is wrong, in words for a log or a configuration's reader.</param>
    public static bool TryParse(ReadOnlySpan<byte> blob, [NotNullWhen(true)] out PublicKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        fault = "the key is cut short or has something behind it";
        var reader = new SshReader(blob);
        if (blob.Length > MaxBlob || !reader.TryReadString(out var type))
            return false;
        var name = type.Length <= 64 ? Encoding.ASCII.GetString(type) : "";
        key = name switch
        {
            KeyAlgorithm.Ed25519 or KeyAlgorithm.SkEd25519 => Ed25519PublicKey.Read(name, blob, ref reader, ref fault),
            KeyAlgorithm.NistP256 or KeyAlgorithm.NistP384 or KeyAlgorithm.NistP521 or KeyAlgorithm.SkNistP256 =>
                EcdsaPublicKey.Read(name, blob, ref reader, ref fault),
            KeyAlgorithm.Rsa => RsaPublicKey.Read(blob, ref reader, ref fault),
            _ => Unsupported(out fault),
        };
        if (key is not null)
            fault = null;
        return key is not null;
    }

    /// <summary>
    /// A line of authorized_keys without options: type, base64, any comment. Options (<c>from=</c>, <c>command=</c>) are refused: what
    /// is not enforced must not look as if it were.
    /// </summary>
    public static bool TryParseLine(string line, [NotNullWhen(true)] out PublicKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        var parts = line.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length < 2 || line.AsSpan().ContainsAny('\n', '\r'))
        {
            fault = "is not one line of: type, key in base64, comment";
            return false;
        }
        if (KeyAlgorithm.OfBlob(parts[0]).Count == 0)
        {
            fault = parts[0] is "ssh-dss"
                ? "is a DSA key, which is not safe any more"
                : "does not begin with a known key type (options before the key are not supported)";
            return false;
        }
        var blob = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], blob, out var length))
        {
            fault = "has a key that is not base64";
            return false;
        }
        if (KeyAlgorithm.Uncertified(parts[0]) is not null)
        {
            fault = "is a certificate where a key belongs";
            return false;
        }
        if (!TryParse(blob.AsSpan(0, length), out key, out fault))
            return false;
        if (key.Type == parts[0])
            return true;
        fault = $"says {parts[0]} and holds a key of type {key.Type}";
        key = null;
        return false;
    }

    /// <summary>Whether this key made the signature, by exactly that algorithm. Never throws on hostile bytes.</summary>
    /// <param name="signatureName">A <see cref="KeyAlgorithm.SignatureName"/>; the signature must name the same one.</param>
    /// <param name="signature"><c>string</c> algorithm, <c>string</c> signature, and what else the algorithm has.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="needsUserVerification">The signature must come from a token that asked for a PIN or a finger.</param>
    public bool Verify(string signatureName, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> data, bool needsUserVerification = false)
    {
        if (KeyAlgorithm.Find(signatureName) is not { } algorithm || algorithm.BlobType != Type)
            return false;
        var reader = new SshReader(signature);
        if (!reader.TryReadString(out var name) || !Ascii.Equals(name, signatureName) || !reader.TryReadString(out var value))
            return false;
        try
        {
            return VerifyCore(signatureName, value, reader.Rest, data, needsUserVerification);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <param name="signatureName">Fits the type.</param>
    /// <param name="signature">The second string of the signature.</param>
    /// <param name="rest">What stands behind it.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="needsUserVerification">See <see cref="Verify"/>.</param>
    private protected abstract bool VerifyCore(string signatureName, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> rest,
        ReadOnlySpan<byte> data, bool needsUserVerification);

    private static PublicKey? Unsupported(out string fault)
    {
        fault = "the key's type is not supported";
        return null;
    }
}
