using System.Collections.Immutable;
using System.Net;
using Sallyport.Approvals;
using Sallyport.Core;
using Sallyport.Identity;

namespace Sallyport.Hosting.Configuration;

/// <summary>sallyport.yaml as the gateway uses it: whole, checked, every path absolute. Immutable.</summary>
internal sealed record GatewayOptions
{
    /// <summary>The file it was read from.</summary>
    public required string File { get; init; }

    public required ListenOptions Listen { get; init; }

    /// <summary>The folder of the store, the ring, the segments, keys and generated certificates.</summary>
    public required string Data { get; init; }

    /// <summary>The ring, the segments, and the key that seals them.</summary>
    public string RecordingFolder => Path.Combine(Data, "recording");

    public required string Policy { get; init; }

    /// <summary>Null: a local authority and certificate are made under the data folder.</summary>
    public CertificateFiles? Certificate { get; init; }

    public required IdentityOptions Identity { get; init; }

    public ImmutableArray<OidcIssuerOptions> Issuers { get; init; } = [];

    public ImmutableArray<Resource> Resources { get; init; } = [];

    /// <summary>Groups whose members administer: kill sessions, read every recording, issue secrets.</summary>
    public ImmutableArray<string> Admins { get; init; } = ["admin"];

    public LimitOptions Limits { get; init; } = new();

    public RecordingOptions Recording { get; init; } = new();

    public SshServerOptions Ssh { get; init; } = new();

    /// <summary>Where holds are announced, or null.</summary>
    public WebhookOptions? Webhook { get; init; }

    /// <summary>How long a stop waits for sessions to end before it cuts their connections.</summary>
    public TimeSpan ShutdownDeadline { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Where clients reach the gateway. A protocol that is null is not served.</summary>
internal sealed record ListenOptions
{
    public IPEndPoint? Postgres { get; init; }

    public IPEndPoint? Ssh { get; init; }

    /// <summary>The Unix socket of the admin API, at most 107 bytes long.</summary>
    public required string AdminSocket { get; init; }
}

/// <summary>How the gateway shows itself to SSH clients.</summary>
internal sealed record SshServerOptions
{
    /// <summary>Files of private keys; empty: an Ed25519 and an ECDSA key are made under the data folder.</summary>
    public ImmutableArray<string> HostKeys { get; init; } = [];

    /// <summary>Files of host certificates (<c>…-cert.pub</c>) of those keys.</summary>
    public ImmutableArray<string> HostCertificates { get; init; } = [];

    /// <summary>Clients without strict key exchange may use what CVE-2023-48795 (Terrapin) attacks: chacha20-poly1305 and the etm MACs.</summary>
    public bool AllowsTerrapin { get; init; }
}

/// <summary>PEM files of the operator's own certificate chain and key.</summary>
internal sealed record CertificateFiles(string CertificateFile, string KeyFile);

/// <summary>Bounds that keep one client from taking what all need.</summary>
internal sealed record LimitOptions
{
    /// <summary>Identified sessions, all protocols together.</summary>
    public int Sessions { get; init; } = 1000;

    /// <summary>Open connections of one address (IPv6: of one /64), identified or not.</summary>
    public int ConnectionsPerSource { get; init; } = 600;

    /// <summary>Proofs of one address (IPv6: of one /64) that may be wrong at once; then one a second.</summary>
    public int WrongProofsPerSource { get; init; } = 30;

    /// <summary>How long a connection may take until it is identified.</summary>
    public TimeSpan StartupDeadline { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Sizes of the recording, in bytes, and how safe records are before what they tell of passes.</summary>
internal sealed record RecordingOptions
{
    public long RingBytes { get; init; } = 64L << 20;

    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>New sessions are refused when the disk has less room than this.</summary>
    public long WatermarkBytes { get; init; } = 512L << 20;

    public Durability Reads { get; init; } = Durability.Buffered;

    public Durability Writes { get; init; } = Durability.Durable;
}
