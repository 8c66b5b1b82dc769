using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Sallyport.Identity;

/// <summary>
/// One issuer: its discovered keys (kept, refreshed and, while it is away, used as last known) and how its tokens are validated.
/// </summary>
internal sealed class TrustedIssuer : IConfigurationValidator<OpenIdConnectConfiguration>
{
    /// <summary>How far the issuer's clock and ours may be apart; a token lives that much longer.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    /// <summary>How often unknown keys may make us ask the issuer again: hostile tokens must not turn us against it.</summary>
    private static readonly TimeSpan KeyRefreshInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan KeyRefreshWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KeyRefreshPoll = TimeSpan.FromMilliseconds(50);
    private readonly JsonWebTokenHandler _handler = new()
    {
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = OidcTokenVerifier.MaxTokenLength,
    };

    private readonly ConfigurationManager<OpenIdConnectConfiguration> _configuration;
    private readonly TokenValidationParameters _parameters;
    private readonly TimeProvider _time;
    private long _keysAskedAt;

    public TrustedIssuer(OidcIssuerOptions options, HttpClient client, TimeProvider time)
    {
        Options = options;
        _time = time;
        _configuration = new ConfigurationManager<OpenIdConnectConfiguration>(
            options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new GuardedDocumentRetriever(client, options.AllowHttpOnLoopback),
            this)
        {
            RefreshInterval = KeyRefreshInterval,
        };
        _parameters = new TokenValidationParameters
        {
            ConfigurationManager = _configuration,
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ValidAlgorithms = options.Algorithms,
            ValidTypes = options.ValidTypes,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateLifetime = true,
            LifetimeValidator = IsInLifetime,
            ValidateIssuerSigningKey = true,
            LogValidationExceptions = false,
        };
    }

    public OidcIssuerOptions Options { get; }

    /// <summary>Why the issuer's keys are not to be had, or null when there are some.</summary>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _configuration.GetConfigurationAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return $"the keys of {Options.Issuer} cannot be read: {(e.InnerException ?? e).GetType().Name}";
        }
    }

    /// <summary>
    /// A key that is not known may be a new one: the handler then asks for the keys again in the background, and the token is
    /// tried once more when they have come.
    /// </summary>
    public async Task<TokenValidationResult> ValidateAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        var before = await _configuration.GetConfigurationAsync(cancellationToken);
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        if (result.IsValid || result.Exception is not SecurityTokenSignatureKeyNotFoundException || !MayWaitForKeys())
            return result;
        for (var waited = TimeSpan.Zero; waited < KeyRefreshWait; waited += KeyRefreshPoll)
        {
            if (!ReferenceEquals(before, await _configuration.GetConfigurationAsync(cancellationToken)))
                return await _handler.ValidateTokenAsync(token, _parameters);
            await Task.Delay(KeyRefreshPoll, cancellationToken);
        }
        return result;
    }

    /// <summary>OpenID Connect Discovery 1.0 §4.3: the document must be the issuer's own.</summary>
    public ConfigurationValidationResult Validate(OpenIdConnectConfiguration configuration)
    {
        var own = string.Equals(configuration.Issuer, Options.Issuer, StringComparison.Ordinal);
        return new ConfigurationValidationResult
        {
            Succeeded = own && configuration.SigningKeys.Count > 0,
            ErrorMessage = own ? "the issuer has no signing keys" : "the discovery document is another issuer's",
        };
    }

    private bool MayWaitForKeys()
    {
        var last = Volatile.Read(ref _keysAskedAt);
        if (last != 0 && _time.GetElapsedTime(last) is var since && since < KeyRefreshInterval)
            return since < KeyRefreshWait;
        Volatile.Write(ref _keysAskedAt, Math.Max(1, _time.GetTimestamp()));
        return true;
    }

    private bool IsInLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        // The skew is added to our own clock: the token's times may be the least or the greatest there are.
        return expires is { } end && now - Skew < end && (notBefore is not { } start || now + Skew > start);
    }
}
