using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sallyport.Hosting.Certificates;

/// <summary>
/// A certificate authority of this gateway alone, for machines without one: <c>ca.pem</c> (10 years, hand it to clients),
/// <c>ca.key</c>, <c>server.pem</c> (90 days, renewed at a start in its last 30) and <c>server.key</c>. ECDSA P-256. Keys are 0600.
/// </summary>
internal static class LocalAuthority
{
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(90);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    public static SslCertificate LoadOrCreate(string folder, TimeProvider time)
    {
        try
        {
            PrivateFiles.MakeFolder(folder);
            using var authority = LoadOrIssueAuthority(folder, time);
            var server = LoadServer(folder, authority, time) ?? IssueServer(folder, authority, time);
            return new SslCertificate(server, [], Path.Combine(folder, "ca.pem"));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartFailure(StartFault.CannotUseFiles, $"the gateway's own certificate under {folder} cannot be used: {e.Message}",
                "Make the folder writable, or remove it and let the gateway make new ones (clients need the new ca.pem then).");
        }
    }

    private static X509Certificate2 LoadOrIssueAuthority(string folder, TimeProvider time)
    {
        var (certificate, key) = (Path.Combine(folder, "ca.pem"), Path.Combine(folder, "ca.key"));
        if (File.Exists(certificate) && File.Exists(key))
        {
            var found = X509Certificate2.CreateFromPemFile(certificate, key);
            if (found.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > ServerLife)
                return found;
            found.Dispose();
        }
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Sallyport local CA {Environment.MachineName}", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        var authority = request.CreateSelfSigned(now.AddMinutes(-5), now + AuthorityLife);
        Save(certificate, authority, key, pair);
        return authority;
    }

    /// <summary>Null when there is none, or it ends soon, or another authority or another machine name made it.</summary>
    private static X509Certificate2? LoadServer(string folder, X509Certificate2 authority, TimeProvider time)
    {
        var (certificate, key) = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        if (!File.Exists(certificate) || !File.Exists(key))
            return null;
        var found = X509Certificate2.CreateFromPemFile(certificate, key);
        if (found.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > RenewBefore &&
            found.MatchesHostname(Environment.MachineName) &&
            IsIssuedBy(found, authority))
            return found;
        found.Dispose();
        return null;
    }

    // Not by an X509Chain, which reads all of the system's authorities first, even where they are not asked.
    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        if (!certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData))
            return false;
        // RFC 5280 §4.1: SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }.
        var fields = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        var signed = fields.ReadEncodedValue();
        fields.ReadEncodedValue();
        var signature = fields.ReadBitString(out _);
        using var key = authority.GetECDsaPublicKey();
        return key?.VerifyData(signed.Span, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) is true;
    }

    private static X509Certificate2 IssueServer(string folder, X509Certificate2 authority, TimeProvider time)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Environment.MachineName}", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddIpAddress(System.Net.IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var now = time.GetUtcNow();
        using var issued = request.Create(authority, now.AddMinutes(-5), now + ServerLife, RandomNumberGenerator.GetBytes(16));
        Save(Path.Combine(folder, "server.pem"), issued, Path.Combine(folder, "server.key"), pair);
        return issued.CopyWithPrivateKey(pair);
    }

    private static void Save(string certificateFile, X509Certificate2 certificate, string keyFile, ECDsa key)
    {
        // The key first: a certificate without its key would be believed to be whole.
        PrivateFiles.Write(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFiles.WritePublic(certificateFile, certificate.ExportCertificatePem() + "\n");
    }
}
