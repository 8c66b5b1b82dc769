using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Subjects;

/// <summary>One certificate (ECDSA P-256) for everybody who ends TLS.</summary>
public sealed class Certificates : IDisposable
{
    private readonly TestAuthority _authority;

    public Certificates(TemporaryFolder folder)
    {
        _authority = new TestAuthority(folder.FullPath);
        (Certificate, Key) = _authority.Issue("localhost");
        Bundle = folder["bundle.pem"];
        File.WriteAllText(Bundle, File.ReadAllText(Certificate) + "\n" + File.ReadAllText(Key));
    }

    public string Certificate { get; }

    public string Key { get; }

    /// <summary>Both in one file, as haproxy wants them.</summary>
    public string Bundle { get; }

    /// <summary>The same target by TLS from the first byte, which is all that haproxy can do for PostgreSQL.</summary>
    public ConnectionTarget Direct(ConnectionTarget target) =>
        target with { SslMode = "verify-full", SslNegotiation = "direct", RootCertificate = _authority.RootFile };

    public void Dispose() => _authority.Dispose();
}
