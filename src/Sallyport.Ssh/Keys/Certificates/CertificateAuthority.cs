using System.Buffers.Binary;
using System.Security.Cryptography;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys.Certificates;

/// <summary>A certificate with the key made for it; disposing wipes the key.</summary>
public sealed class IssuedCertificate : IDisposable
{
    private readonly Ed25519Signer _key;

    internal IssuedCertificate(Ed25519Signer key, ISigner signer, Certificate certificate)
    {
        _key = key;
        Signer = signer;
        Certificate = certificate;
    }

    public ISigner Signer { get; }

    /// <summary>Serial and key id are for the record.</summary>
    public Certificate Certificate { get; }

    public void Dispose() => _key.Dispose();
}

/// <summary>
/// Signs OpenSSH certificates: for keys that live as long as one upstream connection, so that no lasting key is on any disk, and for
/// the gateway's own host keys. Thread-safe.
/// </summary>
public sealed class CertificateAuthority
{
    /// <summary>Clocks differ: a certificate counts from a little before it was made.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Said each time: without them sshd gives less, and what it gives must not depend on its defaults.</summary>
    private static readonly string[] UserExtensions = ["permit-port-forwarding", "permit-pty"];

    private readonly ISigner _authority;
    private readonly TimeProvider _time;

    /// <param name="authority">A plain key; a certificate cannot be an authority.</param>
    /// <param name="time">Validity is counted from it.</param>
    public CertificateAuthority(ISigner authority, TimeProvider time)
    {
        if (!PublicKey.TryParse(authority.PublicKey.Span, out _, out var fault))
            throw new ArgumentException(fault, nameof(authority));
        _authority = authority;
        _time = time;
    }

    /// <summary>Makes an Ed25519 key and certifies it for a user.</summary>
    /// <param name="keyId">What sshd's log will show: who it was made for.</param>
    /// <param name="principals">Plain names, at least one.</param>
    /// <param name="validity">From now.</param>
    /// <exception cref="ArgumentException">A name that another reader could take for more than one.</exception>
    public IssuedCertificate IssueUser(string keyId, IReadOnlyList<string> principals, TimeSpan validity)
    {
        var key = Ed25519Signer.Generate();
        try
        {
            var certificate = Certify(key.PublicKey.Span, CertificateKind.User, keyId, principals, validity, UserExtensions);
            return new IssuedCertificate(key, new CertifiedSigner(key, certificate), certificate);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Certifies a host key under those names.</summary>
    /// <exception cref="ArgumentException">As <see cref="IssueUser"/>.</exception>
    public ISigner CertifyHost(ISigner hostKey, string keyId, IReadOnlyList<string> names, TimeSpan validity) =>
        new CertifiedSigner(hostKey, Certify(hostKey.PublicKey.Span, CertificateKind.Host, keyId, names, validity, []));

    private Certificate Certify(ReadOnlySpan<byte> keyBlob, CertificateKind kind, string keyId, IReadOnlyList<string> names,
        TimeSpan validity, string[] extensions)
    {
        var key = new SshReader(keyBlob);
        if (!key.TryReadString(out var type))
            throw new ArgumentException("not a key", nameof(keyBlob));
        var now = _time.GetUtcNow();
        var principals = new SshWriter();
        foreach (var name in names)
            principals.String(name);
        var permits = new SshWriter();
        foreach (var extension in extensions)
            permits.String(extension).String([]);

        var blob = new SshWriter(1024)
            .String(KeyAlgorithm.Certified(System.Text.Encoding.ASCII.GetString(type)))
            .String(RandomNumberGenerator.GetBytes(32))
            .Bytes(key.Rest)
            .UInt64(BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(8)))
            .UInt32((uint)kind)
            .String(keyId)
            .String(principals.Written)
            .UInt64((ulong)(now - Skew).ToUnixTimeSeconds())
            .UInt64((ulong)(now + validity).ToUnixTimeSeconds())
            .String([])
            .String(permits.Written)
            .String([])
            .String(_authority.PublicKey.Span);
        blob.String(_authority.Sign(_authority.Algorithms[0], blob.Written));
        // Read again: what the gateway itself would not take, it does not issue.
        return Certificate.TryParse(blob.Written, out var certificate, out var fault)
            ? certificate
            : throw new ArgumentException(fault, nameof(names));
    }
}
