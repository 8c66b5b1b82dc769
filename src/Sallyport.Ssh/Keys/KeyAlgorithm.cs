using System.Collections.Frozen;
using System.Text;

namespace Sallyport.Ssh.Keys;

/// <summary>
/// A public key algorithm as requests and key exchanges name it. The same RSA key serves two of them, so the name says more than
/// the key's type does. ssh-rsa (SHA-1) and ssh-dss are not there, so nothing can fall back to them.
/// </summary>
/// <param name="Name">In the request: <c>rsa-sha2-512</c>, <c>ssh-ed25519-cert-v01@openssh.com</c>.</param>
/// <param name="BlobType">The first string of the blob: <c>ssh-rsa</c>, <c>ssh-ed25519-cert-v01@openssh.com</c>.</param>
/// <param name="SignatureName">The first string of the signature: <c>rsa-sha2-512</c>, <c>ssh-ed25519</c>.</param>
public sealed record KeyAlgorithm(string Name, string BlobType, string SignatureName)
{
    internal const string Ed25519 = "ssh-ed25519";
    internal const string NistP256 = "ecdsa-sha2-nistp256";
    internal const string NistP384 = "ecdsa-sha2-nistp384";
    internal const string NistP521 = "ecdsa-sha2-nistp521";
    internal const string Rsa = "ssh-rsa";
    internal const string RsaSha256 = "rsa-sha2-256";
    internal const string RsaSha512 = "rsa-sha2-512";
    internal const string SkEd25519 = "sk-ssh-ed25519@openssh.com";
    internal const string SkNistP256 = "sk-ecdsa-sha2-nistp256@openssh.com";
    private const string CertificateSuffix = "-cert-v01@openssh.com";
    private const string VendorSuffix = "@openssh.com";

    private static readonly KeyAlgorithm[] Plain =
    [
        new(Ed25519, Ed25519, Ed25519),
        new(NistP256, NistP256, NistP256),
        new(NistP384, NistP384, NistP384),
        new(NistP521, NistP521, NistP521),
        new(RsaSha512, Rsa, RsaSha512),
        new(RsaSha256, Rsa, RsaSha256),
        new(SkEd25519, SkEd25519, SkEd25519),
        new(SkNistP256, SkNistP256, SkNistP256),
    ];

    private static readonly FrozenDictionary<string, KeyAlgorithm> All = Plain
        .Concat(Plain.Select(static a => new KeyAlgorithm(Certified(a.Name), Certified(a.BlobType), a.SignatureName)))
        .ToFrozenDictionary(static a => a.Name, StringComparer.Ordinal);

    /// <summary>Of keys without a certificate, best first: what EXT_INFO's server-sig-algs says (RFC 8308 §3.1).</summary>
    public static IReadOnlyList<string> SignatureNames { get; } = [.. Plain.Select(static a => a.Name)];

    public bool IsCertificate => Name.EndsWith(CertificateSuffix, StringComparison.Ordinal);

    /// <summary>Null for what is not supported.</summary>
    public static KeyAlgorithm? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>Null for what is not supported.</summary>
    public static KeyAlgorithm? Find(ReadOnlySpan<byte> name) => name.Length > 64 ? null : Find(Encoding.ASCII.GetString(name));

    /// <summary>The algorithms that a blob of that type can be used with, best first; empty for what is not supported.</summary>
    public static IReadOnlyList<string> OfBlob(string blobType) =>
        [.. Plain.Where(a => a.BlobType == blobType).Select(static a => a.Name),
            .. Plain.Where(a => Certified(a.BlobType) == blobType).Select(static a => Certified(a.Name))];

    /// <summary>The name of the algorithm or blob with a certificate: <c>sk-…@openssh.com</c> gets the suffix before its vendor.</summary>
    internal static string Certified(string name) =>
        (name.EndsWith(VendorSuffix, StringComparison.Ordinal) ? name[..^VendorSuffix.Length] : name) + CertificateSuffix;

    /// <summary>The type of the key inside a certificate of that type; null when it is no certificate's type.</summary>
    internal static string? Uncertified(string blobType) => Plain.FirstOrDefault(a => Certified(a.BlobType) == blobType)?.BlobType;
}
