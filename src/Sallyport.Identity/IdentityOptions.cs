using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>A principal of the configuration, for places without an identity provider.</summary>
public sealed record PrincipalOptions
{
    /// <summary>The login name; compared without case.</summary>
    public required string Name { get; init; }

    public PrincipalKind Kind { get; init; }

    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The principal it always acts for, or null.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>The blobs of public keys that prove it (RFC 4253 §6.6); that they are keys, the options' reader checks.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> PublicKeys { get; init; } = [];

    /// <summary>A secret it may always log in with (ASCII), or null: then only issued secrets prove it.</summary>
    public ICredentialSource? Secret { get; init; }
}

/// <summary>The bound <c>identity.principals</c> and <c>identity.sshAuthorities</c> of the configuration.</summary>
public sealed record IdentityOptions
{
    public IReadOnlyList<PrincipalOptions> Principals { get; init; } = [];

    /// <summary>Whose certificates are taken.</summary>
    public IReadOnlyList<CertificateAuthorityOptions> CertificateAuthorities { get; init; } = [];

    /// <summary>Every group that something here gives.</summary>
    public IEnumerable<string> Groups => Principals.SelectMany(static p => p.Groups)
        .Concat(CertificateAuthorities.SelectMany(static a => a.Groups)).Distinct(StringComparer.Ordinal);

    /// <summary>How long an issued secret may live at most.</summary>
    public TimeSpan MaximumSecretLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How often the store and the configured secrets are read again.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Every mistake at once, in words; empty when there is none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var principal in Principals)
        {
            if (!LoginName.IsValid(principal.Name))
                errors.Add($"principal \"{LoginName.Printable(principal.Name)}\": {LoginName.Requirement}");
            else if (!names.Add(principal.Name))
                errors.Add($"principal \"{principal.Name}\" is there twice (names are compared without case)");
            if (principal.OnBehalfOf is { } subject && !LoginName.IsValid(subject))
                errors.Add($"principal \"{LoginName.Printable(principal.Name)}\": onBehalfOf: {LoginName.Requirement}");
            if (string.Equals(principal.OnBehalfOf, principal.Name, StringComparison.OrdinalIgnoreCase))
                errors.Add($"principal \"{LoginName.Printable(principal.Name)}\" acts on behalf of itself");
        }
        CheckKeys(errors);
        if (MaximumSecretLifetime <= TimeSpan.Zero)
            errors.Add("the longest life of a secret must be more than nothing");
        if (RefreshInterval <= TimeSpan.Zero)
            errors.Add("the refresh interval must be more than nothing");
        return errors;
    }

    private void CheckKeys(List<string> errors)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, key) in Principals.SelectMany(static p => p.PublicKeys.Select(k => (p.Name, Convert.ToBase64String(k.Span)))))
        {
            // One key for two names would let one person ask as the first and approve as the second.
            if (!owners.TryAdd(key, name))
            {
                errors.Add($"principal \"{LoginName.Printable(name)}\": the same public key is " +
                    $"\"{LoginName.Printable(owners[key])}\"'s already");
            }
        }
        var authorities = new HashSet<string>(StringComparer.Ordinal);
        foreach (var authority in CertificateAuthorities)
        {
            if (!authorities.Add(Convert.ToBase64String(authority.PublicKey.Span)))
                errors.Add("the same certificate authority is there twice");
            if (!LoginPatterns.AreValid(authority.Logins))
                errors.Add($"certificate authority: {LoginPatterns.Requirement}");
        }
    }
}
