using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>
/// An authority in force. Who was proved by it stays so over a reload that says the same of it; what was revoked does not. Thread-safe.
/// </summary>
internal sealed class TrustedAuthority
{
    private readonly CertificateAuthorityOptions _options;
    private readonly FrozenSet<string> _groups;
    private readonly ConditionalWeakTable<ConfiguredSecret, FrozenSet<string>> _groupsOfConfigured;

    public TrustedAuthority(CertificateAuthorityOptions options, TrustedAuthority? before)
    {
        _options = options;
        Id = ProofIds.FromHash('a', SHA256.HashData(options.PublicKey.Span));
        var isSame = before is not null && before._options.Groups.SequenceEqual(options.Groups, StringComparer.Ordinal);
        _groups = isSame ? before!._groups : options.Groups.ToFrozenSet(StringComparer.Ordinal);
        _groupsOfConfigured = isSame ? before!._groupsOfConfigured : [];
    }

    public string Id { get; }

    public bool IsRevoked(ulong serial)
    {
        // Read per command: an enumerator of the list would be allocated each time.
        var revoked = _options.Revoked;
        for (var i = 0; i < revoked.Count; i++)
        {
            if (serial >= revoked[i].First && serial <= revoked[i].Last)
                return true;
        }
        return false;
    }

    public bool MayName(string login) => LoginPatterns.Admit(_options.Logins, login);

    public Principal MakePrincipal(ConfiguredSecret? configured, string login, string proof, DateTimeOffset? expiresAt) => new()
    {
        Name = configured?.Name ?? login,
        Kind = configured?.Kind ?? _options.Kind,
        OnBehalfOf = configured?.OnBehalfOf,
        Groups = GroupsOf(configured),
        Proof = proof,
        ExpiresAt = expiresAt,
    };

    /// <summary>Whether it would make that very principal now.</summary>
    public bool Makes(ConfiguredSecret? configured, Principal principal) =>
        ReferenceEquals(GroupsOf(configured), principal.Groups) && principal.Kind == (configured?.Kind ?? _options.Kind) &&
        principal.OnBehalfOf == configured?.OnBehalfOf;

    private FrozenSet<string> GroupsOf(ConfiguredSecret? configured)
    {
        if (configured is null)
            return _groups;
        return _groupsOfConfigured.TryGetValue(configured, out var known)
            ? known
            : _groupsOfConfigured.GetValue(configured, c => c.Groups.Union(_groups).ToFrozenSet(StringComparer.Ordinal));
    }
}
