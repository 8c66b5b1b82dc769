using Sallyport.Ssh.Keys.Certificates;

namespace Sallyport.Ssh.Keys.Signing;

/// <summary>A key shown by its certificate: the same signatures under the certificate's algorithm names.</summary>
public sealed class CertifiedSigner : ISigner
{
    private readonly ISigner _key;

    /// <exception cref="ArgumentException">The certificate is of another key.</exception>
    public CertifiedSigner(ISigner key, Certificate certificate)
    {
        if (!certificate.Key.Blob.Span.SequenceEqual(key.PublicKey.Span))
            throw new ArgumentException("the certificate is of another key", nameof(certificate));
        _key = key;
        PublicKey = certificate.Blob;
        Algorithms = [.. key.Algorithms.Select(KeyAlgorithm.Certified)];
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    public IReadOnlyList<string> Algorithms { get; }

    public byte[] Sign(string algorithm, ReadOnlySpan<byte> data) =>
        KeyAlgorithm.Find(algorithm) is { IsCertificate: true } known
            ? _key.Sign(known.SignatureName, data)
            : throw new ArgumentException("not an algorithm of a certificate", nameof(algorithm));
}
