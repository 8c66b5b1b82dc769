using System.Text;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys.Hosts;

/// <summary>
/// Verifies one server against what was said of it: its own keys, an authority that certifies hosts, or, only where that was asked
/// for, the first key that it shows. Without any of them nothing is trusted. Thread-safe.
/// </summary>
public sealed class TrustedHostKeys : IHostKeyVerifier
{
    private readonly string _host;
    private readonly HostKeyList _keys;
    private readonly TimeProvider _time;
    private readonly Func<PublicKey, bool>? _firstUse;

    /// <param name="host">The server's name or address as it was dialled; a certificate must be for it.</param>
    /// <param name="keys">What is known of it.</param>
    /// <param name="time">Certificates are judged by it.</param>
    /// <param name="firstUse">
    /// Null: no trust on first use. Otherwise called with a key that made its signature, and only where <paramref name="keys"/> is
    /// empty: records the key as this server's unless one is recorded, and says whether it is the recorded one; one step to others.
    /// </param>
    public TrustedHostKeys(string host, HostKeyList keys, TimeProvider time, Func<PublicKey, bool>? firstUse = null)
    {
        _host = host;
        _keys = keys;
        _time = time;
        _firstUse = keys.Keys.Count == 0 && keys.Authorities.Count == 0 ? firstUse : null;
        var types = keys.Keys.Select(static k => k.Type).ToHashSet(StringComparer.Ordinal);
        Algorithms =
        [
            .. keys.Authorities.Count > 0 ? KeyAlgorithm.SignatureNames.Select(KeyAlgorithm.Certified) : [],
            .. KeyAlgorithm.SignatureNames.Where(a => _firstUse is not null || types.Contains(KeyAlgorithm.Find(a)!.BlobType)),
        ];
    }

    /// <summary>Only those that something trusted can have, so that a server with several keys shows the one that is known.</summary>
    public IReadOnlyList<string> Algorithms { get; }

    public string? FindFault(string algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> signedData)
    {
        var reader = new SshReader(publicKey);
        if (KeyAlgorithm.Find(algorithm) is not { } known || !reader.TryReadString(out var type) || !Ascii.Equals(type, known.BlobType))
            return "the server's key is not of the algorithm that was agreed";
        return known.IsCertificate
            ? FindCertificateFault(known, publicKey, signature, signedData)
            : FindKeyFault(known, publicKey, signature, signedData);
    }

    private string? FindKeyFault(KeyAlgorithm algorithm, ReadOnlySpan<byte> blob, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> signed)
    {
        if (!PublicKey.TryParse(blob, out var key, out var fault))
            return $"the server's key: {fault}";
        if (_keys.IsRevoked(key))
            return $"the server's key {key.Fingerprint} is revoked";
        if (_firstUse is null && !_keys.Keys.Any(k => k.Blob.Span.SequenceEqual(key.Blob.Span)))
            return $"the server shows the key {key.Fingerprint}, which is not one of its configured ones";
        if (!key.Verify(algorithm.SignatureName, signature, signed))
            return "the server's signature is wrong";
        return _firstUse is null || _firstUse(key) ? null : $"the server shows the key {key.Fingerprint}, and showed another one before";
    }

    private string? FindCertificateFault(KeyAlgorithm algorithm, ReadOnlySpan<byte> blob, ReadOnlySpan<byte> signature,
        ReadOnlySpan<byte> signed)
    {
        if (!Certificate.TryParse(blob, out var certificate, out var fault))
            return fault;
        if (!_keys.Authorities.Any(a => a.Blob.Span.SequenceEqual(certificate.Authority.Blob.Span)))
            return $"the server's certificate is signed by {certificate.Authority.Fingerprint}, which is not a configured authority";
        if (_keys.IsRevoked(certificate.Key) || _keys.IsRevoked(certificate.Authority))
            return $"the server's key {certificate.Key.Fingerprint} or its authority is revoked";
        if (certificate.FindFault(CertificateKind.Host, _host, _time.GetUtcNow()) is { } notNow)
            return $"the server: {notNow}";
        return certificate.Key.Verify(algorithm.SignatureName, signature, signed) ? null : "the server's signature is wrong";
    }
}
