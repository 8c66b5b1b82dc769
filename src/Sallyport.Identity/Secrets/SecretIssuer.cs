using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>What became of issuing or revoking a secret.</summary>
public enum SecretOutcome : byte
{
    Done,

    /// <summary>No principal of the configuration has that login.</summary>
    UnknownLogin,

    /// <summary>Not more than nothing, or more than the configured most.</summary>
    LifetimeOutOfRange,

    /// <summary>No live secret has that id.</summary>
    UnknownSecret,

    /// <summary>The store did not take the change; nothing was issued or revoked.</summary>
    StoreFailed,
}

/// <summary>
/// The outcome of <see cref="SecretIssuer.IssueAsync"/>. <see cref="Text"/> is shown once and kept nowhere; there is no ToString
/// that shows it.
/// </summary>
public sealed class SecretIssue
{
    internal SecretIssue(SecretOutcome outcome, string? text = null, StoredSecret? stored = null)
    {
        Outcome = outcome;
        Text = text;
        Stored = stored;
    }

    public SecretOutcome Outcome { get; }

    /// <summary><c>gw_</c> and 43 characters of base64url: 256 random bits. Null unless done.</summary>
    public string? Text { get; }

    public StoredSecret? Stored { get; }
}

/// <summary>Issues and revokes secrets. A change counts for the next command of every session once the call has completed.</summary>
public sealed class SecretIssuer
{
    private const string Prefix = "gw_";
    private readonly IdentityVerifier _verifier;
    private readonly ISecretStore _store;
    private readonly LoginSalts _salts;
    private readonly TimeProvider _time;

    public SecretIssuer(IdentityVerifier verifier, ISecretStore store, LoginSalts salts, TimeProvider time)
    {
        _verifier = verifier;
        _store = store;
        _salts = salts;
        _time = time;
    }

    /// <param name="login">A principal of the configuration; others are refused, because nothing would say their groups.</param>
    /// <param name="scope">The resources the secret is good for; empty means all that the policy opens.</param>
    /// <param name="lifetime">Counted from now.</param>
    /// <param name="isOneTime">Good for one login.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    public async Task<SecretIssue> IssueAsync(string login, IReadOnlyList<string> scope, TimeSpan lifetime, bool isOneTime,
        CancellationToken cancellationToken)
    {
        if (!_verifier.Secrets.TryFindName(login, out var name))
            return new SecretIssue(SecretOutcome.UnknownLogin);
        if (lifetime <= TimeSpan.Zero || lifetime > _verifier.MaximumSecretLifetime)
            return new SecretIssue(SecretOutcome.LifetimeOutOfRange);

        var text = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var salt = _salts.Of(name);
        var (storedKey, serverKey) = ScramSha256.Derive(Encoding.ASCII.GetBytes(text), salt, ScramSha256.Iterations);
        var now = _time.GetUtcNow();
        var secret = new StoredSecret
        {
            Id = ProofIds.New(),
            Login = name.ToLowerInvariant(),
            Salt = salt,
            Iterations = ScramSha256.Iterations,
            StoredKey = storedKey,
            ServerKey = serverKey,
            Scope = scope,
            IssuedAt = now,
            ExpiresAt = now + lifetime,
            IsOneTime = isOneTime,
        };
        try
        {
            await _store.AddAsync(secret, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new SecretIssue(SecretOutcome.StoreFailed);
        }
        await _verifier.Secrets.AddAsync(secret, CancellationToken.None);
        return new SecretIssue(SecretOutcome.Done, text, secret);
    }

    public async Task<SecretOutcome> RevokeAsync(string id, CancellationToken cancellationToken)
    {
        bool wasLive;
        try
        {
            wasLive = await _store.RevokeAsync(id, _time.GetUtcNow(), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return SecretOutcome.StoreFailed;
        }
        await _verifier.Secrets.RemoveAsync(id, CancellationToken.None);
        return wasLive ? SecretOutcome.Done : SecretOutcome.UnknownSecret;
    }
}
