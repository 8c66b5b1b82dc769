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
public sealed record ScramKeys(byte[] StoredKey, byte[] ServerKey, Principal Principal);

/// <summary>
/// The SCRAM-SHA-256 verifiers of a login (RFC 7677). All secrets of one login share salt and iterations, so that any of them
/// can be proved in one exchange. An unknown login has a stable salt too and no keys, so that a client cannot tell unknown from
/// wrong.
/// </summary>
public sealed record ScramVerifiers(byte[] Salt, int Iterations, IReadOnlyList<ScramKeys> Keys);

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

    /// <summary>False once the principal's proof was revoked, disabled or has expired. Read per command: no I/O, no allocation.</summary>
    bool IsLive(Principal principal);
}
