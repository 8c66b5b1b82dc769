using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sallyport.Core;

namespace Sallyport.Identity.Tests;

public sealed class OidcTokenVerifierTests : IClassFixture<RealProvider>
{
    private readonly RealProvider _provider;
    private readonly OidcTokenVerifier _verifier;

    public OidcTokenVerifierTests(RealProvider provider)
    {
        _provider = provider;
        _verifier = Verifier(Options);
    }

    private static CancellationToken None => CancellationToken.None;

    private OidcIssuerOptions Options => new() { Issuer = _provider.Issuer, Audience = "sallyport", AllowHttpOnLoopback = true };

    [Fact]
    public async Task RealTokenProvesItsNameWithGroupsKindAndExpiry()
    {
        var token = await _provider.TokenOf("bot-7");
        var result = await _verifier.VerifyAsync("BOT-7", token, None);
        Assert.Equal((ProofOutcome.Accepted, null), (result.Outcome, result.Reason));
        var principal = result.Principal!;
        Assert.Equal(("bot-7", PrincipalKind.Agent, null), (principal.Name, principal.Kind, principal.OnBehalfOf));
        Assert.Equal(["agents", "ci"], principal.Groups.Order());
        Assert.StartsWith($"jwt:{_provider.Issuer}#t-", principal.Proof, StringComparison.Ordinal);
        Assert.Equal(new JsonWebToken(token).ValidTo + TimeSpan.FromSeconds(60), principal.ExpiresAt!.Value.UtcDateTime);
    }

    [Fact]
    public async Task Threat77_AnIssuerNamesOnlyTheLoginsThatItMay()
    {
        var token = await _provider.TokenOf("bot-7");
        using var allowed = Verifier(Options with { Logins = ["ci", "BOT-*"] });
        Assert.Equal(ProofOutcome.Accepted, (await allowed.VerifyAsync("bot-7", token, None)).Outcome);
        using var others = Verifier(Options with { Logins = ["ci-*", "bot"] });
        Assert.Equal("the token's issuer may not name this login", (await others.VerifyAsync("bot-7", token, None)).Reason);
    }

    [Fact]
    public void WhoIsAskedForATokenFollowsTheNameWhereEveryIssuerHasLogins()
    {
        using var named = Verifier(Options with { Logins = ["bot-*"] });
        Assert.Equal((true, false), (named.Claims("Bot-9"), named.Claims("ana")));
        Assert.Null(_verifier.Claims("bot-9"));
        Assert.Single((Options with { Logins = ["bot-?"] }).Validate());
    }

    [Fact]
    public async Task Threat77_WrongAudienceIsRefused() =>
        await AssertRefused("another audience", "bot-7", await _provider.TokenOf("bot-7", "elsewhere"));

    [Fact]
    public async Task Threat77_TokenOfAnUnlistedIssuerIsRefused()
    {
        using var other = Verifier(Options with { Issuer = "https://idp.example" });
        var result = await other.VerifyAsync("bot-7", await _provider.TokenOf("bot-7"), None);
        Assert.Equal((ProofOutcome.Refused, "the token is of an issuer that is not trusted"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Threat77_DiscoveryDocumentOfAnotherIssuerIsNotTaken()
    {
        // The same server under a name that its document does not say.
        using var mixed = Verifier(Options with { Issuer = _provider.Issuer + "/" });
        var result = await mixed.VerifyAsync("bot-7", Unsigned("none", issuer: _provider.Issuer + "/"), None);
        Assert.Equal(ProofOutcome.Unavailable, result.Outcome);
    }

    [Fact]
    public async Task Threat77_AlteredPayloadOrSignatureIsRefused()
    {
        var parts = (await _provider.TokenOf("bot-7")).Split('.');
        var payload = Base64UrlEncoder.Decode(parts[1]).Replace("bot-7", "dana0", StringComparison.Ordinal);
        await AssertRefused("signature", "dana0", $"{parts[0]}.{Base64UrlEncoder.Encode(payload)}.{parts[2]}");
        var flipped = (parts[2][0] == 'A' ? 'B' : 'A') + parts[2][1..];
        await AssertRefused("signature", "bot-7", $"{parts[0]}.{parts[1]}.{flipped}");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    public async Task Threat77_AlgorithmNoneIsRefused(string algorithm) =>
        await AssertRefused("signature", "bot-7", Unsigned(algorithm, _provider.Issuer));

    [Fact]
    public async Task Threat77_PublicKeyUsedAsASharedSecretIsRefused()
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = _provider.Issuer,
            Audience = "sallyport",
            TokenType = "at+jwt",
            Claims = new Dictionary<string, object> { ["sub"] = "bot-7" },
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(new byte[64]), SecurityAlgorithms.HmacSha256),
        };
        var result = await _verifier.VerifyAsync("bot-7", new JsonWebTokenHandler().CreateToken(descriptor), None);
        Assert.Equal((ProofOutcome.Refused, null), (result.Outcome, result.Principal));
    }

    [Fact]
    public async Task Threat77_TokenForAnotherNameThanTheLoginIsRefused() =>
        await AssertRefused("another name", "dana", await _provider.TokenOf("bot-7"));

    [Fact]
    public async Task Threat77_UnverifiedEmailIsNotAName()
    {
        using var verifier = Verifier(Options with { NameClaim = "email" });
        var result = await verifier.VerifyAsync("bot@example.test", await _provider.TokenOf("bot-email"), None);
        Assert.Equal("the token's email is not verified", result.Reason);
    }

    [Fact]
    public async Task TypesThatAreNotAllowedAreRefused()
    {
        using var verifier = Verifier(Options with { ValidTypes = ["JWT"] });
        var result = await verifier.VerifyAsync("bot-7", await _provider.TokenOf("bot-7"), None);
        Assert.Equal("the token's type is not allowed: it may be an id_token", result.Reason);
    }

    [Fact]
    public async Task Threat79_ExpiredTokenIsRefusedAfterTheSkewAndNotBefore()
    {
        var token = await _provider.TokenOf("bot-7");
        var time = new JumpingTime();
        time.Jump(DateTimeOffset.UtcNow.AddSeconds(300 + 50) - time.GetUtcNow());
        using var verifier = new OidcTokenVerifier([Options], time);
        Assert.Equal(ProofOutcome.Accepted, (await verifier.VerifyAsync("bot-7", token, None)).Outcome);
        time.Jump(TimeSpan.FromSeconds(20));
        Assert.Equal("the token has expired or is not valid yet", (await verifier.VerifyAsync("bot-7", token, None)).Reason);
    }

    [Fact]
    public async Task Threat96_TokenIsNotRevivedBySettingTheClockBack()
    {
        var token = await _provider.TokenOf("bot-7");
        var time = new JumpingTime();
        time.Jump(DateTimeOffset.UtcNow - time.GetUtcNow());
        using var verifier = new IdentityVerifier(
            new IdentityOptions(), new MemorySecretStore(), new LoginSalts(new byte[32]), time, new OidcTokenVerifier([Options], time));
        var principal = (await verifier.VerifyTokenAsync("bot-7", token, None)).Principal!;
        Assert.True(verifier.IsLive(principal));

        time.Jump(-TimeSpan.FromMinutes(6));
        time.Advance(TimeSpan.FromMinutes(6.5));

        Assert.False(verifier.IsLive(principal));
        Assert.Equal(ProofOutcome.Refused, (await verifier.VerifyTokenAsync("bot-7", token, None)).Outcome);
    }

    [Fact]
    public async Task GroupsMayBeASingleTextButNothingElse()
    {
        Assert.Equal(["agents"], (await ProveReal(_verifier, "bot-single")).Principal!.Groups);
        await AssertRefused("not a list of texts", "bot-odd-groups", await _provider.TokenOf("bot-odd-groups"));
    }

    [Fact]
    public async Task GroupsOverageIsRefusedRatherThanReadAsNoGroups() =>
        await AssertRefused("overage", "bot-overage", await _provider.TokenOf("bot-overage"));

    [Fact]
    public async Task ActorIsThePrincipalAndTheNameIsWhomItActsFor()
    {
        var principal = (await _verifier.VerifyAsync("bot-actor", await _provider.TokenOf("bot-actor"), None)).Principal!;
        Assert.Equal(("agent-9", "bot-actor", PrincipalKind.Agent), (principal.Name, principal.OnBehalfOf, principal.Kind));
        await AssertRefused("\"act\"", "bot-bad-actor", await _provider.TokenOf("bot-bad-actor"));
    }

    [Fact]
    public async Task KindClaimDecidesTheKindAndMustBeThere()
    {
        using var verifier = Verifier(Options with { KindClaim = "kind" });
        Assert.Equal(PrincipalKind.Service, (await ProveReal(verifier, "bot-service")).Principal!.Kind);
        Assert.Equal("the token has no usable \"kind\" claim", (await ProveReal(verifier, "bot-7")).Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a token")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    public async Task TextThatIsNoTokenIsRefused(string text) => await AssertRefused("not a token", "bot-7", text);

    [Fact]
    public async Task OverlongTokenIsRefusedUnread() =>
        await AssertRefused("too long", "bot-7", new string('a', OidcTokenVerifier.MaxTokenLength + 1));

    [Theory]
    [InlineData("http://127.0.0.1:1", false, false)]
    [InlineData("http://127.0.0.1:1", true, true)]
    [InlineData("http://idp.example", true, false)]
    [InlineData("http://localhost.example", true, false)]
    [InlineData("https://idp.example", false, true)]
    [InlineData("idp.example", true, false)]
    public void PlainHttpIsForLoopbackAndOnlyWhenAllowed(string issuer, bool allow, bool valid) =>
        Assert.Equal(valid, new OidcIssuerOptions { Issuer = issuer, Audience = "a", AllowHttpOnLoopback = allow }.Validate().Count == 0);

    [Fact]
    public void SharedSecretAlgorithmsCannotBeConfigured()
    {
        var options = new OidcIssuerOptions { Issuer = "https://idp.example", Audience = "a", Algorithms = ["HS256", "none", "ES256"] };
        Assert.Equal(2, options.Validate().Count);
    }

    private static OidcTokenVerifier Verifier(OidcIssuerOptions options) => new([options], TimeProvider.System);

    private static string Unsigned(string algorithm, string issuer)
    {
        var header = $$"""{"alg":"{{algorithm}}","typ":"at+jwt"}""";
        var expires = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds();
        var payload = $$"""{"iss":"{{issuer}}","aud":"sallyport","sub":"bot-7","exp":{{expires}}}""";
        return $"{Base64UrlEncoder.Encode(Encoding.ASCII.GetBytes(header))}.{Base64UrlEncoder.Encode(Encoding.ASCII.GetBytes(payload))}.";
    }

    private async Task<ProofResult> ProveReal(OidcTokenVerifier verifier, string client) =>
        await verifier.VerifyAsync(client, await _provider.TokenOf(client), None);

    private async Task AssertRefused(string why, string login, string token)
    {
        var result = await _verifier.VerifyAsync(login, token, None);
        Assert.Equal((ProofOutcome.Refused, null), (result.Outcome, result.Principal));
        Assert.Contains(why, result.Reason, StringComparison.Ordinal);
    }
}
