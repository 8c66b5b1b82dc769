using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sallyport.Postgres.Authentication;

/// <summary>Channel binding of type <c>tls-server-end-point</c> (RFC 5929 §4).</summary>
public static class ChannelBinding
{
    /// <summary>
    /// The hash of the certificate with the hash of its own signature algorithm, MD5 and SHA-1 replaced by SHA-256. Null when that
    /// algorithm has no single hash (Ed25519): then there is no binding to offer.
    /// </summary>
    public static byte[]? Of(X509Certificate2 certificate)
    {
        var algorithm = certificate.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => default,
        };
        return algorithm == default ? null : certificate.GetCertHash(algorithm);
    }
}
