using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>Serials from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct SerialRange(ulong First, ulong Last);

/// <summary>An authority whose certificates prove users: a bound entry of <c>identity.sshAuthorities</c>.</summary>
public sealed record CertificateAuthorityOptions
{
    /// <summary>The blob of its public key (RFC 4253 §6.6).</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>The logins that it may certify, with <c>*</c> for any run of characters; empty is all.</summary>
    public IReadOnlyList<string> Logins { get; init; } = [];

    /// <summary>Groups of all whom it certifies, beside those that a configured principal has.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What stands behind a login that is not configured.</summary>
    public PrincipalKind Kind { get; init; }

    /// <summary>Certificates that count no more.</summary>
    public IReadOnlyList<SerialRange> Revoked { get; init; } = [];
}
