using System.Collections.Frozen;
using System.Security.Cryptography;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>
/// A configured principal and the verifier of its secret, which is derived again only when the secret has changed. Not
/// thread-safe: the owner refreshes one at a time.
/// </summary>
internal sealed class ConfiguredSecret
{
    private const int AdvisableLength = 20;
    private readonly PrincipalOptions _options;
    private readonly LoginSalts _salts;
    private readonly FrozenSet<string> _groups;
    private byte[] _fingerprint = [];

    public ConfiguredSecret(PrincipalOptions options, LoginSalts salts)
    {
        _options = options;
        _salts = salts;
        _groups = options.Groups.ToFrozenSet(StringComparer.Ordinal);
        Salt = salts.Of(options.Name);
    }

    public string Name => _options.Name;

    public byte[] Salt { get; }

    /// <summary>Null when the principal has no usable secret of its own.</summary>
    public ScramKeys? Keys { get; private set; }

    /// <summary>Why not, or what is unwise about it; null when all is well.</summary>
    public string? Warning { get; private set; }

    public PrincipalKind Kind => _options.Kind;

    public string? OnBehalfOf => _options.OnBehalfOf;

    public FrozenSet<string> Groups => _groups;

    public Principal MakePrincipal(string proof, FrozenSet<string> scope, DateTimeOffset? expiresAt) => new()
    {
        Name = _options.Name,
        Kind = _options.Kind,
        Groups = _groups,
        OnBehalfOf = _options.OnBehalfOf,
        Proof = proof,
        Scope = scope,
        ExpiresAt = expiresAt,
    };

    /// <summary>The same words for the same principal: then those that it proved stay proved.</summary>
    public bool IsOf(PrincipalOptions options) =>
        options.Name == _options.Name && options.Kind == _options.Kind && options.OnBehalfOf == _options.OnBehalfOf &&
        options.Groups.SequenceEqual(_options.Groups, StringComparer.Ordinal) && options.Secret?.GetType() == _options.Secret?.GetType() &&
        options.Secret?.Description == _options.Secret?.Description;

    public void Refresh()
    {
        if (_options.Secret is not { } source)
            return;
        using var handle = source.Open();
        if (handle is null || !ScramSha256.IsPreparable(handle.Value))
        {
            Keys = null;
            _fingerprint = [];
            Warning = $"principal \"{Name}\" cannot use its secret: {source.Description} is missing, empty or not plain ASCII";
            return;
        }
        var fingerprint = _salts.Fingerprint(Name, handle.Value);
        if (CryptographicOperations.FixedTimeEquals(fingerprint, _fingerprint))
            return;
        var (storedKey, serverKey) = ScramSha256.Derive(handle.Value, Salt, ScramSha256.Iterations);
        var proof = ProofIds.SecretProof(ProofIds.FromHash('c', fingerprint));
        Keys = new ScramKeys(storedKey, serverKey, MakePrincipal(proof, FrozenSet<string>.Empty, null));
        _fingerprint = fingerprint;
        Warning = handle.Value.Length < AdvisableLength
            ? $"the secret of principal \"{Name}\" ({source.Description}) is shorter than {AdvisableLength} characters"
            : null;
    }
}
