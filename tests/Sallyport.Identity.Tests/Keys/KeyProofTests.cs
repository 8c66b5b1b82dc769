using System.Text;
using Sallyport.Core;

namespace Sallyport.Identity.Tests;

public sealed class KeyProofTests : IDisposable
{
    private static readonly byte[] KeyOfAna = "the key of ana"u8.ToArray();
    private static readonly byte[] KeyOfBot = "the key of bot-7"u8.ToArray();
    private static readonly byte[] Authority = "the authority"u8.ToArray();
    private readonly JumpingTime _time = new();
    private readonly LoginSalts _salts = new(new byte[32]);
    private readonly IdentityVerifier _verifier;

    public KeyProofTests() => _verifier = new IdentityVerifier(Options(), new MemorySecretStore(), _salts, _time);

    private static CancellationToken None => CancellationToken.None;

    public void Dispose() => _verifier.Dispose();

    [Fact]
    public void AKeyProvesItsPrincipalUnderItsOwnNameOnly()
    {
        var principal = _verifier.VerifyKey("ANA", KeyOfAna).Principal!;
        Assert.Equal("Ana", principal.Name);
        Assert.Equal(["engineers"], principal.Groups);
        Assert.Matches("^key:k-[0-9A-Z]{8}$", principal.Proof);
        Assert.True(_verifier.IsLive(principal));
        Assert.Equal(_verifier.VerifyKey("nobody", KeyOfAna), _verifier.VerifyKey("bot-7", KeyOfAna));
        Assert.Equal(_verifier.VerifyKey("ana", KeyOfBot), _verifier.VerifyKey("ana", "no key"u8));
        Assert.Equal(ProofOutcome.Refused, _verifier.VerifyKey("ana", KeyOfBot).Outcome);
    }

    [Fact]
    public void WhatIsKnownDoesNotDependOnALogin()
    {
        Assert.True(_verifier.KnowsKey(KeyOfAna) && _verifier.KnowsAuthority(Authority));
        Assert.False(_verifier.KnowsKey(Authority) || _verifier.KnowsAuthority(KeyOfAna) || _verifier.KnowsKey([]));
    }

    [Fact]
    public async Task Threat79_AKeyThatIsTakenAwayIsNotLiveAtTheNextCommand()
    {
        var ana = _verifier.VerifyKey("ana", KeyOfAna).Principal!;
        var bot = _verifier.VerifyKey("bot-7", KeyOfBot).Principal!;
        await _verifier.ReloadAsync(Options(keyOfAna: "a new key of ana"u8.ToArray()), None);
        Assert.False(_verifier.IsLive(ana));
        Assert.True(_verifier.IsLive(bot));
        Assert.False(_verifier.KnowsKey(KeyOfAna));
        await _verifier.ReloadAsync(Options(groups: ["interns"]), None);
        Assert.False(_verifier.IsLive(_verifier.VerifyKey("ana", KeyOfAna).Principal! with { Groups = ana.Groups }));
    }

    [Fact]
    public async Task AKeyThatIsNowSomebodyElsesProvesTheFirstNoMore()
    {
        var none = new IdentityOptions { Principals = [new PrincipalOptions { Name = "x", PublicKeys = [KeyOfAna] }] };
        await _verifier.ReloadAsync(none, None);
        var x = _verifier.VerifyKey("x", KeyOfAna).Principal!;
        await _verifier.ReloadAsync(new IdentityOptions { Principals = [new PrincipalOptions { Name = "y", PublicKeys = [KeyOfAna] }] }, None);
        Assert.False(_verifier.IsLive(x));
        Assert.True(_verifier.IsLive(_verifier.VerifyKey("y", KeyOfAna).Principal!));
    }

    [Fact]
    public void ACertificateGivesAConfiguredPrincipalItsGroupsAndTheAuthoritysToo()
    {
        var ana = _verifier.VerifyCertificate("ana", Facts()).Principal!;
        Assert.Equal(("Ana", PrincipalKind.Person), (ana.Name, ana.Kind));
        Assert.Equal(["certified", "engineers"], ana.Groups.Order(StringComparer.Ordinal));
        Assert.Matches("^certificate:a-[0-9A-Z]{8}:17#x-[0-9A-Z]{8}$", ana.Proof);
        Assert.Equal(_time.GetUtcNow().AddHours(1), ana.ExpiresAt);

        var carl = _verifier.VerifyCertificate("carl", Facts()).Principal!;
        Assert.Equal(("carl", PrincipalKind.Service), (carl.Name, carl.Kind));
        Assert.Equal(["certified"], carl.Groups);
        Assert.True(_verifier.IsLive(ana) && _verifier.IsLive(carl));
        var bot = _verifier.VerifyCertificate("bot-7", Facts()).Principal!;
        Assert.Equal((PrincipalKind.Agent, "ana"), (bot.Kind, bot.OnBehalfOf));
    }

    [Fact]
    public void CertificatesOfOthersRevokedOnesAndForbiddenNamesAreRefused()
    {
        Assert.Contains("not trusted", Reason("ana", Facts() with { Authority = KeyOfAna }), StringComparison.Ordinal);
        Assert.Contains("revoked", Reason("ana", Facts() with { Serial = 25 }), StringComparison.Ordinal);
        Assert.Contains("may not name", Reason("root", Facts()), StringComparison.Ordinal);
        Assert.Contains("may not name", Reason("ana\n", Facts()), StringComparison.Ordinal);
        Assert.Null(Reason("ana", Facts() with { Serial = 31 }));
    }

    [Fact]
    public void Threat96_ACertificateEndsByBothClocks()
    {
        var ana = _verifier.VerifyCertificate("ana", Facts()).Principal!;
        _time.Jump(-TimeSpan.FromHours(5));
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.True(_verifier.IsLive(ana));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_verifier.IsLive(ana));
        Assert.Equal(ProofOutcome.Refused, _verifier.VerifyCertificate("ana", Facts() with { ExpiresAt = ana.ExpiresAt }).Outcome);
    }

    [Fact]
    public void ACertificateWithoutEndIsLiveUntilItIsTakenAway()
    {
        var ana = _verifier.VerifyCertificate("ana", Facts() with { ExpiresAt = null }).Principal!;
        _time.Jump(TimeSpan.FromDays(4000));
        Assert.True(_verifier.IsLive(ana));
    }

    [Fact]
    public async Task Threat79_AReloadEndsWhatWasRevokedAndNothingElse()
    {
        var ana = _verifier.VerifyCertificate("ana", Facts()).Principal!;
        var carl = _verifier.VerifyCertificate("carl", Facts() with { Serial = 18, Blob = "another"u8.ToArray() }).Principal!;
        await _verifier.ReloadAsync(Options(), None);
        Assert.True(_verifier.IsLive(ana) && _verifier.IsLive(carl));
        await _verifier.ReloadAsync(Options(revoked: new SerialRange(18, 18)), None);
        Assert.True(_verifier.IsLive(ana));
        Assert.False(_verifier.IsLive(carl));
        await _verifier.ReloadAsync(Options(groups: ["interns"]), None);
        Assert.False(_verifier.IsLive(ana));
        await _verifier.ReloadAsync(Options() with { CertificateAuthorities = [] }, None);
        Assert.False(_verifier.IsLive(_verifier.VerifyKey("ana", KeyOfAna).Principal! with { Proof = ana.Proof }));
    }

    [Theory]
    [InlineData("key:k-UNKNOWN0")]
    [InlineData("certificate:a-UNKNOWN0:17#x-UNKNOWN0")]
    [InlineData("certificate:#x-UNKNOWN0")]
    [InlineData("certificate:a-UNKNOWN0:nan#x-UNKNOWN0")]
    [InlineData("certificate:x-UNKNOWN0")]
    public void ProofThatWasNeverGivenIsNotLive(string proof) =>
        Assert.False(_verifier.IsLive(new Principal { Name = "ana", Proof = proof }));

    [Fact]
    public void LivenessOfKeysAndCertificatesAllocatesNothing()
    {
        using var verifier = new IdentityVerifier(Options(), new MemorySecretStore(), _salts, TimeProvider.System);
        var facts = Facts() with { ExpiresAt = DateTimeOffset.UtcNow.AddHours(1) };
        Principal[] all = [verifier.VerifyKey("ana", KeyOfAna).Principal!, verifier.VerifyCertificate("ana", facts).Principal!];
        Assert.All(all, p => Assert.True(verifier.IsLive(p)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            verifier.IsLive(all[0]);
            verifier.IsLive(all[1]);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void OneKeyForTwoNamesAndOneAuthorityTwiceAreMistakes()
    {
        var errors = (Options() with
        {
            Principals = [new PrincipalOptions { Name = "a", PublicKeys = [KeyOfAna] }, new PrincipalOptions { Name = "b", PublicKeys = [KeyOfAna] }],
            CertificateAuthorities =
            [
                new CertificateAuthorityOptions { PublicKey = Authority },
                new CertificateAuthorityOptions { PublicKey = Authority, Logins = ["?"] },
            ],
        }).Validate();
        Assert.Collection(errors,
            static e => Assert.Contains("\"a\"'s already", e, StringComparison.Ordinal),
            static e => Assert.Contains("there twice", e, StringComparison.Ordinal),
            static e => Assert.Contains("logins are names", e, StringComparison.Ordinal));
    }

    private string? Reason(string login, CertificateFacts facts) => _verifier.VerifyCertificate(login, facts).Reason;

    private CertificateFacts Facts() => new(Encoding.ASCII.GetBytes("a certificate"), Authority, 17, _time.GetUtcNow().AddHours(1));

    private static IdentityOptions Options(byte[]? keyOfAna = null, string[]? groups = null, params SerialRange[] revoked) => new()
    {
        Principals =
        [
            new PrincipalOptions { Name = "Ana", Groups = groups ?? ["engineers"], PublicKeys = [keyOfAna ?? KeyOfAna] },
            new PrincipalOptions { Name = "bot-7", Kind = PrincipalKind.Agent, OnBehalfOf = "ana", PublicKeys = [KeyOfBot] },
        ],
        CertificateAuthorities =
        [
            new CertificateAuthorityOptions
            {
                PublicKey = Authority,
                Logins = ["ana", "c*", "bot-*", "ana\n"],
                Groups = ["certified"],
                Kind = PrincipalKind.Service,
                Revoked = [new SerialRange(20, 30), .. revoked],
            },
        ],
    };
}
