using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sallyport.Postgres.Upstream;

/// <summary>Makes libpq's <c>sslmode</c> words from SslStream's checks.</summary>
internal static class UpstreamTlsOptions
{
    public static SslClientAuthenticationOptions For(PostgresResource resource)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = resource.Host };
        if (resource.ClientCertificate is not null && resource.ClientKey is not null)
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(resource.ClientCertificate, resource.ClientKey)];
        if (resource.Tls is UpstreamTls.Prefer or UpstreamTls.Require)
        {
#pragma warning disable CA5359 // As libpq has it: these two protect against listeners, not against impostors; verify-* do.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
            return options;
        }
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (resource.CertificateAuthority is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(resource.CertificateAuthority);
        }
        options.CertificateChainPolicy = policy;
        // SslStream checks the name always; verify-ca asks for the chain alone.
        if (resource.Tls == UpstreamTls.VerifyCa)
        {
            options.RemoteCertificateValidationCallback = static (_, _, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
        }
        return options;
    }
}
