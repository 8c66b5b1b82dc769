using Sallyport.Hosting.Certificates;
using Sallyport.Hosting.Configuration;
using Sallyport.Identity;

namespace Sallyport.Hosting.Reloading;

/// <summary>
/// What of the configuration changes while the gateway runs: the principals and the certificate. A file that is wrong leaves what
/// was in force, says why, and shows in <see cref="Faults"/> until it is right. Called by one at a time.
/// </summary>
internal sealed class ConfigurationReload
{
    private readonly IdentityVerifier _identity;
    private readonly PolicyReload _policy;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile GatewayOptions _options;
    private volatile SslCertificate _certificate;
    private volatile string? _fault;
    private volatile string? _certificateFault;

    public ConfigurationReload(GatewayOptions options, SslCertificate certificate, IdentityVerifier identity, PolicyReload policy, TimeProvider time, ILogger log)
    {
        _options = options;
        _identity = identity;
        _policy = policy;
        _time = time;
        _log = log;
        _certificate = certificate;
    }

    public SslCertificate Certificate => _certificate;

    /// <summary>The files to watch.</summary>
    public IEnumerable<string> Files => _options.Certificate is { } own
        ? [_options.File, own.CertificateFile, own.KeyFile]
        : [_options.File];

    public IReadOnlyList<string> Faults => [.. new[] { _fault, _certificateFault, _certificate.Context.Exception?.Message }.OfType<string>()];

    /// <summary>What a policy may name now: the groups follow the principals, the resources are those of the start.</summary>
    public GatewayOptions Options => _options;

    public async Task ReloadAsync()
    {
        if (Read() is { } read)
        {
            _fault = null;
            _options = _options with { Identity = read.Identity, Certificate = read.Certificate };
            await _identity.ReloadAsync(read.Identity, CancellationToken.None);
            ReloadLog.ConfigurationTaken(_log, read.Identity.Principals.Count);
            WarnOfIdentity();
            // The groups that are known may be others now.
            _policy.Now();
        }
        ReloadCertificate();
    }

    public void WarnOfIdentity()
    {
        foreach (var warning in _identity.Warnings)
            ReloadLog.IdentityWarning(_log, warning);
    }

    /// <summary>Takes the certificate as it is now, and renews one of the gateway's own authority that ends soon.</summary>
    public void ReloadCertificate()
    {
        try
        {
            var read = ServerCertificate.Load(_options, _time);
            _certificateFault = null;
            if (read.Certificate.Thumbprint == _certificate.Certificate.Thumbprint)
                return;
            // The old one is left to the collector: handshakes may be using it.
            _certificate = read;
            ReloadLog.CertificateInForce(_log, read.Certificate.Thumbprint, read.Certificate.NotAfter.ToUniversalTime());
        }
        catch (Exception e)
        {
            // Called from a timer too, and there is a certificate that works.
            _certificateFault = e.Message;
            ReloadLog.CertificateRefused(_log, e.Message);
        }
    }

    private GatewayOptions? Read()
    {
        try
        {
            if (ConfigurationFile.Read(_options.File, out var problems) is { } read)
                return read;
            Refuse(string.Join("; ", problems));
        }
        catch (StartFailure failure)
        {
            Refuse(failure.Message);
        }
        return null;
    }

    private void Refuse(string why)
    {
        _fault = $"configuration: {why}";
        ReloadLog.ConfigurationRefused(_log, why);
    }
}
