using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Postgres;

/// <summary>How the upstream leg is protected; the words of libpq's <c>sslmode</c>.</summary>
public enum UpstreamTls : byte
{
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// <summary>A PostgreSQL database behind the gateway and the gateway's own way in. Immutable.</summary>
public sealed record PostgresResource(string Name, FrozenDictionary<string, string> Labels) : Resource(Name, ResourceKind.Postgres, Labels)
{
    /// <summary>Host name or address, or the folder of a Unix socket when it starts with <c>/</c>.</summary>
    public required string Host { get; init; }

    public int Port { get; init; } = 5432;

    public required string Database { get; init; }

    public required string User { get; init; }

    /// <summary>Null where the upstream asks for none (trust, certificate).</summary>
    public ICredentialSource? Password { get; init; }

    public UpstreamTls Tls { get; init; } = UpstreamTls.Prefer;

    /// <summary>PEM file of the authorities to trust for <see cref="UpstreamTls.VerifyCa"/> and above; null means the system's.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>PEM files of the client certificate and its key, both or neither.</summary>
    public string? ClientCertificate { get; init; }

    public string? ClientKey { get; init; }

    /// <summary>
    /// How safe records of plain reads must be before they are forwarded; all else is durable unless this says otherwise.
    /// </summary>
    public Durability RecordReads { get; init; } = Durability.Buffered;

    public Durability RecordWrites { get; init; } = Durability.Durable;

    /// <summary>What the operator says of the database's own code.</summary>
    public CodeTrust Trust { get; init; } = CodeTrust.Default;
}
