using System.Security.Cryptography;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>
/// Checks every proof: issued and configured secrets, tokens, public keys and their certificates. Owns
/// the snapshot of secrets, which it reads again at intervals and at each change made through <see cref="SecretIssuer"/>.
/// </summary>
public sealed class IdentityVerifier : IIdentityVerifier, IDisposable
{
    private const int MaxSecretLength = 1024;
    private readonly LoginSalts _salts;
    private readonly OidcTokenVerifier? _tokens;
    private readonly ProofDeadlines _deadlines;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private int _refreshing;

    /// <param name="options">Must be free of <see cref="IdentityOptions.Validate"/> errors.</param>
    /// <param name="store">Where issued secrets' verifiers are.</param>
    /// <param name="salts">Under the gateway's key.</param>
    /// <param name="time">All expiry is judged by it.</param>
    /// <param name="tokens">Null where no issuer is configured. Disposed with this.</param>
    public IdentityVerifier(IdentityOptions options, ISecretStore store, LoginSalts salts, TimeProvider time,
        OidcTokenVerifier? tokens = null)
    {
        if (options.Validate() is [var first, ..])
            throw new ArgumentException(first, nameof(options));
        _salts = salts;
        _tokens = tokens;
        _deadlines = new ProofDeadlines(time);
        MaximumSecretLifetime = options.MaximumSecretLifetime;
        Secrets = new SecretDirectory(options, store, salts, time, _deadlines);
        _timer = time.CreateTimer(static state => _ = ((IdentityVerifier)state!).OnTimerAsync(), this, TimeSpan.Zero,
            options.RefreshInterval);
    }

    /// <inheritdoc/>
    public bool AsksForToken(string login) =>
        _tokens is not null && (_tokens.Claims(login) ?? !Secrets.Current.Keys.ContainsKey(login));

    /// <summary>Why proofs are judged by older knowledge than they should be, or null; for readiness.</summary>
    public string? Fault => Secrets.Fault;

    /// <summary>Configured secrets that are missing or weak, for the log at start and after a reload.</summary>
    public IReadOnlyList<string> Warnings => Secrets.Warnings;

    internal SecretDirectory Secrets { get; }

    internal TimeSpan MaximumSecretLifetime { get; }

    /// <summary>Reads the store now. Await once at start, so that the first client meets every secret. False when it failed.</summary>
    public Task<bool> RefreshAsync(CancellationToken cancellationToken) => Secrets.RefreshAsync(cancellationToken);

    /// <summary>
    /// Takes new principals; those that are gone or are others now are not live any more. Issuers and intervals stay as they were.
    /// The caller checks <see cref="IdentityOptions.Validate"/> first.
    /// </summary>
    public Task ReloadAsync(IdentityOptions options, CancellationToken cancellationToken) =>
        Secrets.ReplaceAsync(options, cancellationToken);

    /// <inheritdoc/>
    public ScramVerifiers FindScramVerifiers(string login)
    {
        // The salt is made anew for known logins too: otherwise the time would tell them apart.
        var salt = _salts.Of(login);
        var keys = Secrets.Current.Keys.TryGetValue(login, out var all) ? all.Where(k => !k.IsSpent && IsLive(k.Principal)).ToArray() : [];
        return new ScramVerifiers(salt, ScramSha256.Iterations, keys);
    }

    /// <inheritdoc/>
    public async ValueTask<ProofResult> VerifyTokenAsync(string login, string token, CancellationToken cancellationToken)
    {
        if (_tokens is null)
            return ProofResult.Refuse("no issuer of tokens is configured");
        return Track(await _tokens.VerifyAsync(login, token, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<ProofResult> VerifySecretAsync(string login, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        if (secret.Length > MaxSecretLength || !ScramSha256.IsPreparable(secret.Span))
            return new(ProofResult.Refuse("the secret is empty, too long or not plain ASCII"));
        var verifiers = FindScramVerifiers(login);
        var (storedKey, _) = ScramSha256.Derive(secret.Span, verifiers.Salt, verifiers.Iterations);
        Principal? proved = null;
        foreach (var keys in verifiers.Keys)
        {
            if (CryptographicOperations.FixedTimeEquals(keys.StoredKey, storedKey))
                proved ??= keys.Principal;
        }
        if (proved is not null)
            return new(ProofResult.Accept(proved));
        return new(Secrets.HasRead
            ? ProofResult.Refuse("the name is unknown or the secret wrong, revoked or expired")
            : ProofResult.CannotCheck(Secrets.Fault ?? "the store of secrets was not read yet"));
    }

    /// <inheritdoc/>
    public bool KnowsKey(ReadOnlySpan<byte> keyBlob) => Secrets.Keys.KnowsKey(keyBlob);

    /// <inheritdoc/>
    public bool KnowsAuthority(ReadOnlySpan<byte> keyBlob) => Secrets.Keys.FindAuthority(keyBlob) is not null;

    /// <inheritdoc/>
    public ProofResult VerifyKey(string login, ReadOnlySpan<byte> keyBlob) => Secrets.Keys.FindByKey(login, keyBlob) is { } proved
        ? ProofResult.Accept(proved)
        : ProofResult.Refuse("the name is unknown or has another key");

    /// <inheritdoc/>
    public ProofResult VerifyCertificate(string login, CertificateFacts certificate) =>
        Track(Secrets.Keys.VerifyCertificate(login, certificate));

    /// <inheritdoc/>
    public bool IsLive(Principal principal)
    {
        if (!ProofIds.TryFind(principal.Proof, out var id))
            return false;
        return id[0] switch
        {
            's' => Secrets.Current.Proves(id, principal) && _deadlines.IsLive(id),
            'c' => Secrets.Current.Proves(id, principal),
            't' => _deadlines.IsLive(id),
            'k' => Secrets.Keys.Proves(id, principal),
            'x' => Secrets.Keys.ProvesCertificate(principal) && (principal.ExpiresAt is null || _deadlines.IsLive(id)),
            _ => false,
        };
    }

    /// <inheritdoc/>
    public ValueTask<bool> TrySpendAsync(Principal principal, CancellationToken cancellationToken) =>
        ProofIds.TryFind(principal.Proof, out var id) && id[0] == 's' ? Secrets.TrySpendAsync(id.ToString(), cancellationToken) : new(true);

    public void Dispose()
    {
        _stopping.Cancel();
        _timer.Dispose();
        _tokens?.Dispose();
        _stopping.Dispose();
        Secrets.Dispose();
    }

    private ProofResult Track(ProofResult result)
    {
        if (result.Principal is not { } principal || !ProofIds.TryFind(principal.Proof, out var id) ||
            principal.ExpiresAt is not { } expiresAt)
            return result;
        _deadlines.Track(id.ToString(), expiresAt);
        return _deadlines.IsLive(id)
            ? result
            : ProofResult.Refuse("the proof has expired (the wall clock was set back since it was first met)");
    }

    private async Task OnTimerAsync()
    {
        // A slow store must not pile up refreshes.
        if (Interlocked.Exchange(ref _refreshing, 1) == 1)
            return;
        try
        {
            await Secrets.RefreshAsync(_stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Stopping: there is nobody left to keep fresh for.
        }
        finally
        {
            Interlocked.Exchange(ref _refreshing, 0);
        }
    }
}
