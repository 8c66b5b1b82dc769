using System.Globalization;
using System.Net;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;

namespace Sallyport.Ssh.Authentication;

/// <summary>Judges keys and certificates of users.</summary>
internal sealed class PublicKeyMethod(IIdentityVerifier identity, IPAddress client, TimeProvider time)
{
    /// <summary>
    /// Whether the client shall sign: when somebody has that key, or an authority is trusted, whoever logs in. The answer is for no
    /// later request: who is there, <see cref="Verify"/> alone says (CVE-2024-45337).
    /// </summary>
    public bool MayDo(PublicKeyRequest request) => request.Algorithm switch
    {
        null => false,
        { IsCertificate: true } => Certificate.TryParse(request.Blob, out var certificate, out _) &&
            identity.KnowsAuthority(certificate.Authority.Blob.Span),
        _ => identity.KnowsKey(request.Blob),
    };

    /// <param name="login">The login of this request.</param>
    /// <param name="request">Signed.</param>
    /// <param name="signed">What the signature must cover.</param>
    public (ProofResult Result, AuthenticatedUser? User) Verify(SshLogin login, PublicKeyRequest request, ReadOnlySpan<byte> signed) =>
        request.Algorithm switch
        {
            null => (ProofResult.Refuse("the key's algorithm is not supported, or is not the key's"), null),
            { IsCertificate: true } algorithm => VerifyCertificate(login, algorithm, request, signed),
            { } algorithm => VerifyKey(login, algorithm, request, signed),
        };

    private (ProofResult Result, AuthenticatedUser? User) VerifyKey(SshLogin login, KeyAlgorithm algorithm, PublicKeyRequest request,
        ReadOnlySpan<byte> signed)
    {
        if (!PublicKey.TryParse(request.Blob, out var key, out var fault))
            return (ProofResult.Refuse(fault), null);
        if (!key.Verify(algorithm.SignatureName, request.Signature, signed))
            return (ProofResult.Refuse("the signature is wrong"), null);
        var result = identity.VerifyKey(login.Principal, request.Blob);
        return (result, result is not { Outcome: ProofOutcome.Accepted, Principal: { } principal } ? null : new AuthenticatedUser
        {
            Principal = principal,
            Resource = login.Resource,
            Method = "publickey",
            Fingerprint = key.Fingerprint,
        });
    }

    private (ProofResult Result, AuthenticatedUser? User) VerifyCertificate(SshLogin login, KeyAlgorithm algorithm,
        PublicKeyRequest request, ReadOnlySpan<byte> signed)
    {
        if (!Certificate.TryParse(request.Blob, out var certificate, out var fault))
            return (ProofResult.Refuse(fault), null);
        if (certificate.FindFault(CertificateKind.User, login.Principal, time.GetUtcNow()) is { } notNow)
            return (ProofResult.Refuse(notNow), null);
        var restrictions = certificate.Restrictions;
        if (!restrictions.Admits(client))
            return (ProofResult.Refuse("the certificate is for other source addresses"), null);
        if (!certificate.Key.Verify(algorithm.SignatureName, request.Signature, signed, restrictions.RequiresUserVerification))
            return (ProofResult.Refuse("the signature is wrong, or was made without the verification that the certificate asks for"), null);
        var facts = new CertificateFacts(certificate.Blob, certificate.Authority.Blob, certificate.Serial, certificate.ExpiresAt);
        var result = identity.VerifyCertificate(login.Principal, facts);
        return (result, result is not { Outcome: ProofOutcome.Accepted, Principal: { } principal } ? null : new AuthenticatedUser
        {
            Principal = principal,
            Resource = login.Resource,
            Method = "publickey",
            Fingerprint = certificate.Key.Fingerprint,
            Certificate = string.Create(CultureInfo.InvariantCulture, $"{certificate.KeyId} (serial {certificate.Serial})"),
            Restrictions = restrictions,
        });
    }
}
