using Microsoft.IdentityModel.Tokens;

namespace Sallyport.Identity;

/// <summary>One trusted issuer of tokens: a bound entry of <c>identity.oidc</c>.</summary>
public sealed record OidcIssuerOptions
{
    /// <summary>Exactly as in the tokens' <c>iss</c>; discovery is read below it.</summary>
    public required string Issuer { get; init; }

    public required string Audience { get; init; }

    /// <summary>The claim that holds the login name. With <c>email</c> the token must also say <c>email_verified</c>.</summary>
    public string NameClaim { get; init; } = "sub";

    /// <summary>
    /// The logins that this issuer may name, with <c>*</c> for any run of characters; empty is all. Where each issuer has them, the
    /// name alone says whether a client is asked for a token, and so nothing of whether the login is known.
    /// </summary>
    public IReadOnlyList<string> Logins { get; init; } = [];

    public string GroupsClaim { get; init; } = "groups";

    /// <summary>A claim that says <c>person</c>, <c>agent</c> or <c>service</c>; without it see <see cref="OidcTokenVerifier"/>.</summary>
    public string? KindClaim { get; init; }

    /// <summary>
    /// The header types taken. The default takes access tokens of RFC 9068 and nothing else, so an id_token made for a web
    /// page is not one; an issuer that types its access tokens <c>JWT</c> needs that here.
    /// </summary>
    public IReadOnlyList<string> ValidTypes { get; init; } = ["at+jwt", "application/at+jwt"];

    /// <summary>Signature algorithms taken; asymmetric ones only.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Lets this issuer be plain http on a loopback address, for development. Never beyond it.</summary>
    public bool AllowHttpOnLoopback { get; init; }

    public bool MayName(string login) => LoginPatterns.Admit(Logins, login);

    /// <summary>Every mistake at once, in words; empty when there is none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            errors.Add($"issuer {LoginName.Printable(Issuer)}: must be an https URL without query and fragment");
        else if (!GuardedDocumentRetriever.IsAllowed(uri, AllowHttpOnLoopback))
            errors.Add($"issuer {LoginName.Printable(Issuer)}: must be https");
        if (Audience.Length == 0)
            errors.Add($"issuer {LoginName.Printable(Issuer)}: an audience is needed, or any token of the issuer would do");
        if (NameClaim.Length == 0)
            errors.Add($"issuer {LoginName.Printable(Issuer)}: the name claim is empty");
        if (!LoginPatterns.AreValid(Logins))
            errors.Add($"issuer {LoginName.Printable(Issuer)}: {LoginPatterns.Requirement}");
        if (ValidTypes.Count == 0)
            errors.Add($"issuer {LoginName.Printable(Issuer)}: no token type is allowed");
        foreach (var algorithm in Algorithms.Where(static a => !IsAsymmetric(a)))
            errors.Add($"issuer {LoginName.Printable(Issuer)}: \"{LoginName.Printable(algorithm)}\" is no asymmetric algorithm");
        if (Algorithms.Count == 0)
            errors.Add($"issuer {LoginName.Printable(Issuer)}: no algorithm is allowed");
        return errors;
    }

    private static bool IsAsymmetric(string algorithm) => algorithm is ['R' or 'P' or 'E', 'S', _, _, _];
}
