using System.Collections.Frozen;

namespace Sallyport.Core;

/// <summary>What stands behind a principal; the policy's <c>agent:</c> and <c>user:</c> selectors read it.</summary>
public enum PrincipalKind : byte
{
    Person,
    Agent,
    Service,
}

/// <summary>
/// Who asks. Immutable: made once from a proof (a secret, a token, a key), shared by every protocol, never changed in a session.
/// <see cref="Name"/> is the login name and the identity that approvals compare.
/// </summary>
public sealed record Principal
{
    public required string Name { get; init; }

    public PrincipalKind Kind { get; init; }

    public FrozenSet<string> Groups { get; init; } = FrozenSet<string>.Empty;

    /// <summary>
    /// The principal this one acts for (RFC 8693 <c>act</c>), or null. Neither of the two may approve a hold of this session.
    /// </summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>
    /// How it was proved, for the record: <c>secret</c>, <c>secret+cb</c> (channel binding), <c>jwt:issuer</c>,
    /// <c>key</c>, <c>certificate</c>, <c>socket</c>.
    /// </summary>
    public string Proof { get; init; } = "";

    /// <summary>Resources the proof is scoped to; empty means every resource that the policy opens.</summary>
    public FrozenSet<string> Scope { get; init; } = FrozenSet<string>.Empty;

    /// <summary>When the proof stops being valid, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// True when <paramref name="name"/> is this principal or the one it acts for; compares without case, as logins are typed.
    /// </summary>
    public bool IsOrActsFor(string name) =>
        string.Equals(Name, name, StringComparison.OrdinalIgnoreCase) ||
        (OnBehalfOf is not null && string.Equals(OnBehalfOf, name, StringComparison.OrdinalIgnoreCase));
}
