using Sallyport.Core;

namespace Sallyport.Identity.Tests;

/// <summary>Providers that go away or change keys: each test has one of its own.</summary>
public sealed class OidcAvailabilityTests : IAsyncLifetime
{
    private readonly RealProvider _provider = new();

    public Task InitializeAsync() => _provider.InitializeAsync();

    public Task DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task ProviderThatIsDownMakesTokensUnavailableUntilItIsBack()
    {
        var token = await _provider.TokenOf("bot-7");
        await _provider.StopAsync();
        using var verifier = Verifier();
        Assert.Equal(ProofOutcome.Unavailable, await Prove(verifier, token));

        await _provider.StartAsync(_provider.Port);
        Assert.Equal(ProofOutcome.Accepted, await Prove(verifier, await _provider.TokenOf("bot-7")));
    }

    [Fact]
    public async Task KeysReadBeforeServeWhileTheProviderIsDown()
    {
        using var verifier = Verifier();
        var token = await _provider.TokenOf("bot-7");
        Assert.Equal(ProofOutcome.Accepted, await Prove(verifier, token));
        await _provider.StopAsync();
        Assert.Equal(ProofOutcome.Accepted, await Prove(verifier, token));
    }

    [Fact]
    public async Task TokenOfARotatedKeyIsAcceptedAtOnce()
    {
        using var verifier = Verifier();
        Assert.Equal(ProofOutcome.Accepted, await Prove(verifier, await _provider.TokenOf("bot-7")));
        await _provider.RotateKeysAsync();
        var result = await verifier.VerifyAsync("bot-7", await _provider.TokenOf("bot-7"), CancellationToken.None);
        Assert.Equal((ProofOutcome.Accepted, null), (result.Outcome, result.Reason));
    }

    private static async Task<ProofOutcome> Prove(OidcTokenVerifier verifier, string token) =>
        (await verifier.VerifyAsync("bot-7", token, CancellationToken.None)).Outcome;

    private OidcTokenVerifier Verifier() => new(
        [new OidcIssuerOptions { Issuer = _provider.Issuer, Audience = "sallyport", AllowHttpOnLoopback = true }], TimeProvider.System);
}
