using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Identity.Tests;

public sealed class IdentityVerifierTests : IDisposable
{
    private const string Configured = "a-configured-secret-of-ana";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly JumpingTime _time = new();
    private readonly MemorySecretStore _store = new();
    private readonly LoginSalts _salts = new(new byte[32]);
    private readonly FixedCredential _credential = new() { Value = Configured };
    private readonly IdentityVerifier _verifier;
    private readonly SecretIssuer _issuer;

    public IdentityVerifierTests()
    {
        _verifier = new IdentityVerifier(Options("Ana", "bot-7"), _store, _salts, _time);
        _issuer = new SecretIssuer(_verifier, _store, _salts, _time);
    }

    private static CancellationToken None => CancellationToken.None;

    public void Dispose() => _verifier.Dispose();

    [Fact]
    public async Task IssuedSecretProvesItsPrincipalByScramAndInClear()
    {
        var issue = await _issuer.IssueAsync("bot-7", ["shop"], Hour, isOneTime: false, None);
        Assert.Matches("^gw_[A-Za-z0-9_-]{43}$", issue.Text);

        var verifiers = _verifier.FindScramVerifiers("BOT-7");
        var keys = Assert.Single(verifiers.Keys);
        var (storedKey, serverKey) = ScramSha256.Derive(Encoding.ASCII.GetBytes(issue.Text!), verifiers.Salt, verifiers.Iterations);
        Assert.Equal(storedKey, keys.StoredKey);
        Assert.Equal(serverKey, keys.ServerKey);

        var principal = (await Prove("Bot-7", issue.Text!)).Principal!;
        Assert.Equal(("bot-7", PrincipalKind.Agent, "ana"), (principal.Name, principal.Kind, principal.OnBehalfOf));
        Assert.Equal(["agents"], principal.Groups);
        Assert.Equal(["shop"], principal.Scope);
        Assert.Equal("secret:" + issue.Stored!.Id, principal.Proof);
        Assert.Equal(_time.GetUtcNow() + Hour, principal.ExpiresAt);
        Assert.True(_verifier.IsLive(principal));
    }

    [Fact]
    public async Task SecretsOfOneLoginShareTheSaltAndAreNewestFirst()
    {
        var older = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var newer = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        Assert.Equal(older.Stored!.Salt, newer.Stored!.Salt);
        Assert.Equal(
            ["secret:" + newer.Stored.Id, "secret:" + older.Stored.Id],
            _verifier.FindScramVerifiers("bot-7").Keys.Select(static k => k.Principal.Proof));
    }

    [Fact]
    public async Task UnknownLoginHasAStableSaltAndIsRefusedLikeAWrongSecret()
    {
        await _verifier.RefreshAsync(None);
        var unknown = _verifier.FindScramVerifiers("nobody");
        Assert.Empty(unknown.Keys);
        Assert.Equal(unknown.Salt, _verifier.FindScramVerifiers("Nobody").Salt);
        Assert.Equal(_verifier.FindScramVerifiers("ana").Iterations, unknown.Iterations);
        Assert.Equal(await Prove("ana", "wrong"), await Prove("nobody", "wrong"));
        Assert.Equal(SecretOutcome.UnknownLogin, (await _issuer.IssueAsync("nobody", [], Hour, isOneTime: false, None)).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("caf\u00e9")]
    public async Task EmptyAndUnpreparableSecretsAreRefused(string secret) =>
        Assert.Equal(ProofOutcome.Refused, (await Prove("ana", secret)).Outcome);

    [Fact]
    public async Task RevokedSecretIsNotLiveAtTheNextCommand()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var principal = (await Prove("bot-7", issue.Text!)).Principal!;

        Assert.Equal(SecretOutcome.Done, await _issuer.RevokeAsync(issue.Stored!.Id, None));

        Assert.False(_verifier.IsLive(principal));
        Assert.Empty(_verifier.FindScramVerifiers("bot-7").Keys);
        Assert.Equal(SecretOutcome.UnknownSecret, await _issuer.RevokeAsync(issue.Stored.Id, None));
    }

    [Fact]
    public async Task ASecretForOneLoginIsSpentOnceAndNotWhenThatCannotBeWrittenDown()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: true, None);
        var principal = (await Prove("bot-7", issue.Text!)).Principal!;
        _store.Fails = true;
        Assert.False(await _verifier.TrySpendAsync(principal, None));
        _store.Fails = false;

        Assert.True(await _verifier.TrySpendAsync(principal, None));
        Assert.False(await _verifier.TrySpendAsync(principal, None));
        Assert.Equal(ProofOutcome.Refused, (await Prove("bot-7", issue.Text!)).Outcome);
        Assert.True(_verifier.IsLive(principal));
        _time.Advance(Hour);
        Assert.False(_verifier.IsLive(principal));
    }

    [Fact]
    public async Task RevocationByAnotherProcessIsMetByTheTimer()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var principal = (await Prove("bot-7", issue.Text!)).Principal!;
        await _store.RevokeAsync(issue.Stored!.Id, _time.GetUtcNow(), None);
        Assert.True(_verifier.IsLive(principal));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(_verifier.IsLive(principal));
    }

    [Fact]
    public async Task Threat79_ExpiryCountsForSessionsThatAreOpenAndForNewOnes()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var principal = (await Prove("bot-7", issue.Text!)).Principal!;
        _time.Advance(Hour);
        Assert.False(_verifier.IsLive(principal));
        Assert.False(_verifier.IsLive(principal with { Proof = principal.Proof + "+cb" }));
        Assert.Equal(ProofOutcome.Refused, (await Prove("bot-7", issue.Text!)).Outcome);
    }

    [Fact]
    public async Task Threat96_SettingTheClockBackExtendsNothing()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var principal = (await Prove("bot-7", issue.Text!)).Principal!;
        _time.Jump(-TimeSpan.FromHours(5));
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.True(_verifier.IsLive(principal));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_time.GetUtcNow() < principal.ExpiresAt);
        Assert.False(_verifier.IsLive(principal));
        Assert.Equal(ProofOutcome.Refused, (await Prove("bot-7", issue.Text!)).Outcome);
    }

    [Fact]
    public async Task Threat96_SettingTheClockForwardEndsEarly()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var principal = (await Prove("bot-7", issue.Text!)).Principal!;
        _time.Jump(Hour);
        Assert.False(_verifier.IsLive(principal));
    }

    [Fact]
    public async Task ConfiguredSecretProvesAndARotatedOneReplacesIt()
    {
        var before = (await Prove("ana", Configured)).Principal!;
        Assert.Equal("Ana", before.Name);
        Assert.True(_verifier.IsLive(before));

        _credential.Value = "another-configured-secret";
        await _verifier.RefreshAsync(None);

        Assert.False(_verifier.IsLive(before));
        Assert.Equal(ProofOutcome.Refused, (await Prove("ana", Configured)).Outcome);
        Assert.Equal(ProofOutcome.Accepted, (await Prove("ana", "another-configured-secret")).Outcome);
    }

    [Fact]
    public async Task MissingConfiguredSecretIsWarnedOfAndProvesNothing()
    {
        _credential.Value = null;
        await _verifier.RefreshAsync(None);
        Assert.Contains("fixed:test", Assert.Single(_verifier.Warnings), StringComparison.Ordinal);
        Assert.Equal(ProofOutcome.Refused, (await Prove("ana", "")).Outcome);
    }

    [Fact]
    public async Task PrincipalThatLeftTheConfigurationIsNotLive()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var principal = (await Prove("bot-7", issue.Text!)).Principal!;
        await _verifier.ReloadAsync(Options("Ana"), None);
        Assert.False(_verifier.IsLive(principal));
        Assert.Equal(ProofOutcome.Refused, (await Prove("bot-7", issue.Text!)).Outcome);
    }

    [Fact]
    public async Task PrincipalThatIsAnotherNowIsNotLiveAndOneThatStayedIs()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        var (bot, ana) = ((await Prove("bot-7", issue.Text!)).Principal!, (await Prove("ana", Configured)).Principal!);
        await _verifier.ReloadAsync(Options("Ana", "bot-7"), None);
        Assert.True(_verifier.IsLive(bot));
        Assert.True(_verifier.IsLive(ana));

        var changed = Options("Ana", "bot-7");
        await _verifier.ReloadAsync(changed with { Principals = [changed.Principals[0] with { Groups = ["visitors"] }, changed.Principals[1] with { OnBehalfOf = null }] }, None);
        Assert.False(_verifier.IsLive(bot));
        Assert.False(_verifier.IsLive(ana));
        Assert.Equal(["visitors"], (await Prove("ana", Configured)).Principal!.Groups);
        Assert.True(_verifier.IsLive((await Prove("bot-7", issue.Text!)).Principal!));
    }

    [Fact]
    public async Task StoreThatFailsIssuesNothingAndKeepsWhatIsKnown()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        _store.Fails = true;
        Assert.Equal((SecretOutcome.StoreFailed, null), Outcome(await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None)));
        Assert.Equal(SecretOutcome.StoreFailed, await _issuer.RevokeAsync(issue.Stored!.Id, None));
        Assert.False(await _verifier.RefreshAsync(None));
        Assert.NotNull(_verifier.Fault);
        Assert.Equal(ProofOutcome.Accepted, (await Prove("bot-7", issue.Text!)).Outcome);
    }

    [Fact]
    public async Task StoreThatWasNeverReadMakesProofsUnavailable()
    {
        using var verifier = new IdentityVerifier(Options("bot-7"), new MemorySecretStore { Fails = true }, _salts, _time);
        Assert.Equal(ProofOutcome.Unavailable, (await verifier.VerifySecretAsync("bot-7", "gw_any"u8.ToArray(), None)).Outcome);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(91)]
    public async Task LifetimeMustBeWithinBounds(int days) =>
        Assert.Equal((SecretOutcome.LifetimeOutOfRange, null), Outcome(await _issuer.IssueAsync("ana", [], TimeSpan.FromDays(days), isOneTime: false, None)));

    [Fact]
    public async Task SecretOfALostKeyIsNotOffered()
    {
        await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        using var verifier = new IdentityVerifier(Options("bot-7"), _store, new LoginSalts(RandomNumberGenerator.GetBytes(32)), _time);
        await verifier.RefreshAsync(None);
        Assert.Empty(verifier.FindScramVerifiers("bot-7").Keys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("jwt:https://idp.example")]
    [InlineData("jwt:https://idp.example#t-UNKNOWN0")]
    [InlineData("secret:s-UNKNOWN0")]
    [InlineData("secret:c-UNKNOWN0")]
    public void ProofThatWasNeverGivenIsNotLive(string proof) =>
        Assert.False(_verifier.IsLive(new Principal { Name = "bot-7", Proof = proof }));

    [Fact]
    public async Task IsLiveAllocatesNothing()
    {
        var issue = await _issuer.IssueAsync("bot-7", [], Hour, isOneTime: false, None);
        using var verifier = new IdentityVerifier(Options("bot-7"), _store, _salts, TimeProvider.System);
        var principal = new Principal { Name = "bot-7", Proof = "secret:" + issue.Stored!.Id };
        verifier.IsLive(principal);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            verifier.IsLive(principal);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void MistakesAreReportedAllAtOnce()
    {
        var options = new IdentityOptions
        {
            Principals =
            [
                new() { Name = "ana" }, new() { Name = "ANA" }, new() { Name = "two words" },
                new() { Name = "eve", OnBehalfOf = "Eve" }, new() { Name = "\u001b[31m" },
            ],
        };
        Assert.Equal(4, options.Validate().Count);
        Assert.DoesNotContain(options.Validate(), static e => e.Contains('\u001b', StringComparison.Ordinal));
    }

    private static (SecretOutcome, string?) Outcome(SecretIssue issue) => (issue.Outcome, issue.Text);

    private async Task<ProofResult> Prove(string login, string secret) =>
        await _verifier.VerifySecretAsync(login, Encoding.UTF8.GetBytes(secret), None);

    private IdentityOptions Options(params string[] names) => new()
    {
        Principals = [.. names.Select(n => n == "Ana"
            ? new PrincipalOptions { Name = n, Groups = ["engineers"], Secret = _credential }
            : new PrincipalOptions { Name = n, Kind = PrincipalKind.Agent, Groups = ["agents"], OnBehalfOf = "ana" })],
    };

    private sealed class FixedCredential : ICredentialSource
    {
        public string? Value { get; set; }

        public string Description => "fixed:test";

        public CredentialHandle? Open() => Value is null ? null : new CredentialHandle(Encoding.UTF8.GetBytes(Value));
    }
}
