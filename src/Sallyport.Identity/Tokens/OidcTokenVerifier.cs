using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>
/// Checks JWT access tokens (RFC 9068) of a fixed list of issuers, whose keys come from OpenID Connect discovery.
/// </summary>
/// <remarks>
/// The login must be the token's name claim, without case. A token with <c>act</c> (RFC 8693 §4.1) is an agent's: the principal
/// is <c>act.sub</c>, acting on behalf of the name claim, and the groups are those in the token. Without a kind claim a principal
/// is an agent when it acts for someone or when <c>client_id</c> is <c>sub</c> (client credentials), else a person. Each issuer is
/// trusted for the names of <see cref="OidcIssuerOptions.Logins"/>, without them for every name.
/// </remarks>
public sealed class OidcTokenVerifier : IDisposable
{
    /// <summary>The most characters a token may have.</summary>
    public const int MaxTokenLength = 16 * 1024;

    // Two members of one name would let this reader and the validating one see different tokens.
    private static readonly JsonDocumentOptions StrictJson = new() { AllowDuplicateProperties = false };
    private readonly HttpClient _client = GuardedDocumentRetriever.MakeClient();
    private readonly FrozenDictionary<string, TrustedIssuer> _issuers;

    /// <param name="issuers">Free of <see cref="OidcIssuerOptions.Validate"/> errors, each issuer once.</param>
    /// <param name="time">Lifetimes are judged by it.</param>
    public OidcTokenVerifier(IReadOnlyList<OidcIssuerOptions> issuers, TimeProvider time)
    {
        if (issuers.SelectMany(static i => i.Validate()).FirstOrDefault() is { } error)
            throw new ArgumentException(error, nameof(issuers));
        _issuers = issuers.ToFrozenDictionary(static i => i.Issuer, i => new TrustedIssuer(i, _client, time), StringComparer.Ordinal);
    }

    /// <summary>
    /// Whether the login is among those that the issuers are said to name; null when it is not and some issuer may name anybody.
    /// </summary>
    public bool? Claims(string login)
    {
        if (_issuers.Values.Any(i => i.Options.Logins.Count > 0 && i.Options.MayName(login)))
            return true;
        return _issuers.Values.Any(static i => i.Options.Logins.Count == 0) ? null : false;
    }

    /// <summary>Never throws but for cancellation. The reason holds nothing of the token.</summary>
    public async ValueTask<ProofResult> VerifyAsync(string login, string token, CancellationToken cancellationToken)
    {
        if (token.Length > MaxTokenLength)
            return ProofResult.Refuse("the token is too long");
        if (!TryRead(token, out var jwt))
            return ProofResult.Refuse("not a token");
        // The claim is not proved yet: it only picks the issuer whose keys, audience and name must then prove it.
        if (!_issuers.TryGetValue(jwt.Issuer, out var issuer))
            return ProofResult.Refuse("the token is of an issuer that is not trusted");
        if (await issuer.FindFaultAsync(cancellationToken) is { } fault)
            return ProofResult.CannotCheck(fault);
        try
        {
            var result = await issuer.ValidateAsync(jwt, cancellationToken);
            if (!result.IsValid)
                return ProofResult.Refuse(Explain(result.Exception));
            var id = ProofIds.FromHash('t', SHA256.HashData(Encoding.UTF8.GetBytes(token)));
            var proof = ProofIds.TokenProof(issuer.Options.Issuer, id);
            using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload), StrictJson);
            var expiresAt = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero) + TrustedIssuer.Skew;
            return TokenClaims.ToPrincipal(issuer.Options, payload.RootElement, login, proof, expiresAt);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return ProofResult.Refuse($"the token cannot be read ({e.GetType().Name})");
        }
    }

    public void Dispose() => _client.Dispose();

    private static bool TryRead(string token, out JsonWebToken jwt)
    {
        jwt = null!;
        try
        {
            jwt = new JsonWebToken(token);
            return !jwt.IsEncrypted && jwt.Issuer.Length > 0;
        }
        catch (Exception)
        {
            // The library throws several kinds on text that is no token; all mean the same.
            return false;
        }
    }

    private static string Explain(Exception? exception) => exception switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException =>
            "the token has expired or is not valid yet",
        SecurityTokenNoExpirationException => "the token never expires",
        SecurityTokenInvalidAudienceException => "the token is for another audience",
        SecurityTokenInvalidIssuerException => "the token is of another issuer",
        SecurityTokenInvalidTypeException => "the token's type is not allowed: it may be an id_token",
        SecurityTokenInvalidAlgorithmException => "the token's signature algorithm is not allowed",
        SecurityTokenSignatureKeyNotFoundException => "the token's key is not the issuer's",
        SecurityTokenInvalidSignatureException => "the token's signature is wrong or missing",
        _ => $"the token is not valid ({exception?.GetType().Name})",
    };
}
