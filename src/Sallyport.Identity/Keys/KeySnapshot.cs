using System.Collections.Frozen;
using System.Security.Cryptography;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>
/// Whom the public keys and the certificate authorities of one configuration prove. Keys are bytes here: which protocol's, and whether
/// somebody has the private half, is checked before anything is asked. Immutable, swapped whole.
/// </summary>
internal sealed class KeySnapshot
{
    private readonly FrozenDictionary<string, ConfiguredSecret> _configured;
    private readonly FrozenDictionary<string, Principal> _byKey;
    private readonly FrozenDictionary<string, Principal>.AlternateLookup<ReadOnlySpan<char>> _byId;
    private readonly FrozenDictionary<string, TrustedAuthority> _authorities;
    private readonly FrozenDictionary<string, TrustedAuthority>.AlternateLookup<ReadOnlySpan<char>> _authorityById;

    /// <param name="options">Free of errors.</param>
    /// <param name="configured">Its principals.</param>
    /// <param name="before">What was in force; proofs stay where nothing changed.</param>
    public KeySnapshot(IdentityOptions options, FrozenDictionary<string, ConfiguredSecret> configured, KeySnapshot before)
        : this(
            configured,
            options.Principals.SelectMany(
                p => p.PublicKeys.Select(key => (HashOf(key.Span), MakePrincipal(configured[p.Name], key)))),
            options.CertificateAuthorities.Select(a => (Hash: HashOf(a.PublicKey.Span), Options: a))
                .Select(a => (a.Hash, new TrustedAuthority(a.Options, before._authorities.GetValueOrDefault(a.Hash)))))
    {
    }

    private KeySnapshot(FrozenDictionary<string, ConfiguredSecret> configured, IEnumerable<(string Hash, Principal Principal)> keys,
        IEnumerable<(string Hash, TrustedAuthority Authority)> authorities)
    {
        _configured = configured;
        _byKey = keys.ToFrozenDictionary(static k => k.Hash, static k => k.Principal, StringComparer.Ordinal);
        _byId = _byKey.Values.ToFrozenDictionary(static p => IdOf(p), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _authorities = authorities.ToFrozenDictionary(static a => a.Hash, static a => a.Authority, StringComparer.Ordinal);
        _authorityById = _authorities.Values.ToFrozenDictionary(static a => a.Id, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public static KeySnapshot Empty { get; } = new(FrozenDictionary<string, ConfiguredSecret>.Empty, [], []);

    public bool KnowsKey(ReadOnlySpan<byte> blob) => _byKey.ContainsKey(HashOf(blob));

    /// <summary>The principal of that login and key; null when the key is nobody's or somebody else's.</summary>
    public Principal? FindByKey(string login, ReadOnlySpan<byte> blob) =>
        _byKey.TryGetValue(HashOf(blob), out var principal) && string.Equals(principal.Name, login, StringComparison.OrdinalIgnoreCase)
            ? principal
            : null;

    public TrustedAuthority? FindAuthority(ReadOnlySpan<byte> blob) => _authorities.GetValueOrDefault(HashOf(blob));

    public ProofResult VerifyCertificate(string login, CertificateFacts certificate)
    {
        if (FindAuthority(certificate.Authority.Span) is not { } authority)
            return ProofResult.Refuse("the certificate is of an authority that is not trusted");
        if (authority.IsRevoked(certificate.Serial))
            return ProofResult.Refuse($"the certificate with the serial {certificate.Serial} is revoked");
        if (!LoginName.IsValid(login) || !authority.MayName(login))
            return ProofResult.Refuse("the certificate's authority may not name this login");
        var id = ProofIds.FromHash('x', SHA256.HashData(certificate.Blob.Span));
        var proof = ProofIds.CertificateProof(authority.Id, certificate.Serial, id);
        return ProofResult.Accept(authority.MakePrincipal(_configured.GetValueOrDefault(login), login, proof, certificate.ExpiresAt));
    }

    /// <summary>Whether the key of that id still proves that very principal; see <see cref="SecretSnapshot.Proves"/>.</summary>
    public bool Proves(ReadOnlySpan<char> id, Principal principal) => _byId.TryGetValue(id, out var now) &&
        now.Name == principal.Name &&
        ReferenceEquals(now.Groups, principal.Groups) && now.Kind == principal.Kind && now.OnBehalfOf == principal.OnBehalfOf;

    /// <summary>Whether the certificate, leaving its expiry aside, still proves that very principal.</summary>
    public bool ProvesCertificate(Principal principal) =>
        ProofIds.TryReadCertificate(principal.Proof, out var authorityId, out var serial) &&
        _authorityById.TryGetValue(authorityId, out var authority) && !authority.IsRevoked(serial) && authority.MayName(principal.Name) &&
        authority.Makes(_configured.GetValueOrDefault(principal.Name), principal);

    private static Principal MakePrincipal(ConfiguredSecret configured, ReadOnlyMemory<byte> key) => configured.MakePrincipal(
        ProofIds.KeyProof(ProofIds.FromHash('k', SHA256.HashData(key.Span))), FrozenSet<string>.Empty, null);

    private static string IdOf(Principal principal) => ProofIds.TryFind(principal.Proof, out var id) ? id.ToString() : "";

    private static string HashOf(ReadOnlySpan<byte> blob) => Convert.ToHexString(SHA256.HashData(blob));
}
