namespace Sallyport.Core;

/// <summary>
/// The outcome of a proof; blames the right side. Clients see one and the same refusal for all but <see cref="Accepted"/>.
/// </summary>
public enum ProofOutcome : byte
{
    Accepted,

    /// <summary>The proof is wrong, expired, revoked, or the name is not known.</summary>
    Refused,

    /// <summary>The proof could not be checked: the issuer or the store does not answer. Fails closed.</summary>
    Unavailable,
}

/// <summary>A checked proof. <see cref="Reason"/> is for the log and the record, never for the client.</summary>
public readonly record struct ProofResult(ProofOutcome Outcome, Principal? Principal, string? Reason)
{
    public static ProofResult Accept(Principal principal) => new(ProofOutcome.Accepted, principal, null);

    public static ProofResult Refuse(string reason) => new(ProofOutcome.Refused, null, reason);

    public static ProofResult CannotCheck(string reason) => new(ProofOutcome.Unavailable, null, reason);
}

/// <summary>One live secret of a login: StoredKey and ServerKey of 32 bytes each (RFC 5802 §3), and whom it proves.</summary>
public sealed record ScramKeys(byte[] StoredKey, byte[] ServerKey, Principal Principal)
{
    /// <summary>It was for one login, and that has been: it proves who is in, and lets nobody in.</summary>
    public bool IsSpent { get; init; }
}

/// <summary>
/// The SCRAM-SHA-256 verifiers of a login (RFC 7677). All secrets of one login share salt and iterations, so that any of them
/// can be proved in one exchange. An unknown login has a stable salt too and no keys, so that a client cannot tell unknown from
/// wrong.
/// </summary>
public sealed record ScramVerifiers(byte[] Salt, int Iterations, IReadOnlyList<ScramKeys> Keys);

/// <summary>
/// A certificate of a public key, after the protocol checked it: that its authority signed it, that it counts for the login now, and
/// that the client made a signature with its key.
/// </summary>
/// <param name="Blob">The whole certificate; tells it from others.</param>
/// <param name="Authority">The public key that signed it, as the configuration has it.</param>
/// <param name="Serial">The authority's number for it.</param>
/// <param name="ExpiresAt">Null for one that never does.</param>
public sealed record CertificateFacts(
    ReadOnlyMemory<byte> Blob, ReadOnlyMemory<byte> Authority, ulong Serial, DateTimeOffset? ExpiresAt);

/// <summary>Turns what a client offered into a <see cref="Principal"/>. Written once, shared by all protocols. Thread-safe.</summary>
public interface IIdentityVerifier
{
    /// <summary>The verifiers of a login's live secrets, newest first; no keys for an unknown login. Never null.</summary>
    ScramVerifiers FindScramVerifiers(string login);

    /// <summary>
    /// Whether who logs in under this name is asked for his proof in clear, which may be a token, and not by SCRAM. Only where the
    /// connection is encrypted.
    /// </summary>
    bool AsksForToken(string login);

    /// <summary>Checks a JWT: signature, issuer, audience, lifetime, algorithm; its name claim must be <paramref name="login"/>.</summary>
    ValueTask<ProofResult> VerifyTokenAsync(string login, string token, CancellationToken cancellationToken);

    /// <summary>Checks an issued secret given in clear (over TLS or the admin socket).</summary>
    ValueTask<ProofResult> VerifySecretAsync(string login, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken);

    /// <summary>
    /// Whether anybody at all has this public key: what a client may be told that has not signed yet. It does not depend on the login,
    /// so it tells nothing of accounts.
    /// </summary>
    bool KnowsKey(ReadOnlySpan<byte> keyBlob);

    /// <summary>As <see cref="KnowsKey"/>, for the key that signed a certificate.</summary>
    bool KnowsAuthority(ReadOnlySpan<byte> keyBlob);

    /// <summary>Whom a public key proves, compared byte by byte. Only to be asked once the client's signature was verified.</summary>
    ProofResult VerifyKey(string login, ReadOnlySpan<byte> keyBlob);

    /// <summary>Whom a certificate proves. Only to be asked once all was verified that <see cref="CertificateFacts"/> says.</summary>
    ProofResult VerifyCertificate(string login, CertificateFacts certificate);

    /// <summary>False once the principal's proof was revoked, disabled or has expired. Read per command: no I/O, no allocation.</summary>
    bool IsLive(Principal principal);

    /// <summary>
    /// Asked once all else allows what the proof is to open: true for one that may be used again, and the first time for one that may not.
    /// False also when that cannot be written down.
    /// </summary>
    ValueTask<bool> TrySpendAsync(Principal principal, CancellationToken cancellationToken);
}
