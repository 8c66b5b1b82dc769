using Sallyport.Ssh.Keys.Certificates;

namespace Sallyport.Ssh.Authentication;

/// <summary>Who proved to be there, all of it taken from the one request whose proof was verified. Immutable.</summary>
public sealed record AuthenticatedUser
{
    public required Principal Principal { get; init; }

    /// <summary>The resource that the user name asks for; null when it names none.</summary>
    public required string? Resource { get; init; }

    /// <summary><c>publickey</c>, <c>password</c> or <c>keyboard-interactive</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Of the key, or of the key in the certificate; null for a secret.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The certificate's key id and serial, for the record; null for what is none.</summary>
    public string? Certificate { get; init; }

    /// <summary>Binds the whole session.</summary>
    public CertificateRestrictions Restrictions { get; init; } = CertificateRestrictions.None;
}

/// <summary>A proof that did not do.</summary>
/// <param name="Login">As typed; escape it where it is shown.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Outcome">Never <see cref="ProofOutcome.Accepted"/>.</param>
/// <param name="Reason">For the log and the record, never for the client.</param>
/// <param name="Fingerprint">Of the key that was shown, or null.</param>
public sealed record RefusedProof(string Login, string Method, ProofOutcome Outcome, string Reason, string? Fingerprint);
