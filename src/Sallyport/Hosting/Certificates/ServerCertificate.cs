using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sallyport.Hosting.Configuration;

namespace Sallyport.Hosting.Certificates;

/// <summary>The certificate that clients see: the operator's own, or one of the local authority under the data folder.</summary>
internal static class ServerCertificate
{
    /// <summary>With its key and, for a configured one, its chain.</summary>
    /// <exception cref="StartFailure">A file is missing, not readable or not a certificate with its key.</exception>
    public static SslCertificate Load(GatewayOptions options, TimeProvider time)
    {
        if (options.Certificate is not { } configured)
            return LocalAuthority.LoadOrCreate(Path.Combine(options.Data, "tls"), time);
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(configured.CertificateFile);
            var own = X509Certificate2.CreateFromPemFile(configured.CertificateFile, configured.KeyFile);
            if (own.NotAfter.ToUniversalTime() < time.GetUtcNow().UtcDateTime)
                throw new StartFailure(StartFault.CannotUseFiles,
                    $"the certificate {configured.CertificateFile} expired on {own.NotAfter:yyyy-MM-dd}.", "Renew it.");
            return new SslCertificate(own, chain, configured.CertificateFile);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartFailure(StartFault.CannotUseFiles, $"the certificate {configured.CertificateFile} cannot be used: {e.Message}",
                "Check tls.certificate and tls.key in sallyport.yaml: PEM, and the key must belong to the certificate.");
        }
    }
}

/// <summary>A certificate with its key; <see cref="TrustFile"/> is what a client gives as <c>sslrootcert</c>.</summary>
internal sealed record SslCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain, string TrustFile)
{
    private readonly Lazy<Task<SslStreamCertificateContext>> _context =
        new(() => Task.Run(() => SslStreamCertificateContext.Create(Certificate, Chain, offline: true)));

    /// <summary>
    /// For handshakes; the chain is not completed from the network. Made when it is first asked for: the first one in a process reads the
    /// system's authorities, a tenth of a second.
    /// </summary>
    public Task<SslStreamCertificateContext> Context => _context.Value;
}
