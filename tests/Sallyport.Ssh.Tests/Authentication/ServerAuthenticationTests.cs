using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Tests.Authentication.Support;
using Sallyport.Ssh.Tests.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Authentication;

public sealed class ServerAuthenticationTests : IDisposable
{
    private const string Ed25519 = "ssh-ed25519";
    private const string Certified = "ssh-ed25519-cert-v01@openssh.com";
    private readonly Ed25519Signer _key = CertificateBuilder.NewKey();
    private readonly Ed25519Signer _second = CertificateBuilder.NewKey();
    private readonly Ed25519Signer _stranger = CertificateBuilder.NewKey();
    private readonly Ed25519Signer _authority = CertificateBuilder.NewKey();

    private CertificateBuilder Right => new(_authority, _stranger.PublicKey.ToArray());

    public void Dispose()
    {
        _key.Dispose();
        _second.Dispose();
        _stranger.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task AKeyProvesThePrincipalAndTheNameAsksForAResource()
    {
        await using var attempt = await StartAsync();
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(Attempt.Request("ana+web1", "none")));
        Assert.Equal("publickey,password,keyboard-interactive", Methods(attempt.Client.Message.Span));
        await attempt.SendAsync(Attempt.Query("ana+web1", Ed25519, _key.PublicKey.ToArray()));
        Assert.Equal(new SshWriter().Begin(MessageNumber.UserAuthMethod).String(Ed25519).String(_key.PublicKey.Span).Written.ToArray(), await attempt.ReadAsync());
        Assert.Equal(MessageNumber.UserAuthSuccess, await attempt.AskAsync(attempt.Signed("ana+web1", _key)));
        var user = (await attempt.ResultAsync())!;
        Assert.Equal(("ana", "web1", "publickey"), (user.Principal.Name, user.Resource, user.Method));
        Assert.StartsWith("SHA256:", user.Fingerprint, StringComparison.Ordinal);
        Assert.StartsWith("key:k-", user.Principal.Proof, StringComparison.Ordinal);
        Assert.Same(CertificateRestrictions.None, user.Restrictions);
        Assert.Empty(attempt.Refused);
        Assert.Empty(attempt.Time.Waits);
    }

    [Theory]
    [InlineData("ana+web1", "ana", "web1")]
    [InlineData("ana%web1", "ana", "web1")]
    [InlineData("ana@corp.example+web1", "ana@corp.example", "web1")]
    [InlineData("ana+test@corp.example+web1", "ana+test@corp.example", "web1")]
    [InlineData("a%b+web1", "a%b", "web1")]
    [InlineData("ana+", "ana", "")]
    [InlineData("ana", "ana", null)]
    public void TheLastPlusOrPercentOfAUserNameSplits(string user, string principal, string? resource) =>
        Assert.Equal(new SshLogin(principal, resource), SshLogin.Parse(System.Text.Encoding.UTF8.GetBytes(user)));

    [Theory]
    [InlineData("password")]
    [InlineData("keyboard-interactive")]
    public async Task ASecretProvesThePrincipalByBothMethods(string method)
    {
        await using var attempt = await StartAsync();
        var isPrompted = method == "keyboard-interactive";
        if (isPrompted)
            Assert.Equal(MessageNumber.UserAuthMethod, await attempt.AskAsync(Attempt.Request("bob+db", method).String("").String("")));
        Assert.Equal(MessageNumber.UserAuthSuccess, await attempt.AskAsync(isPrompted
            ? Response(1, TestIdentity.Secret)
            : Attempt.Password("bob+db", TestIdentity.Secret)));
        var user = (await attempt.ResultAsync())!;
        Assert.Equal(("bob", "db", method, null), (user.Principal.Name, user.Resource, user.Method, user.Fingerprint));
    }

    [Fact]
    public async Task Threat40_TheIdentityIsThatOfTheKeyThatSigned()
    {
        await using var attempt = await StartAsync();
        Assert.Equal(MessageNumber.UserAuthMethod, await attempt.AskAsync(Attempt.Query("ana", Ed25519, _key.PublicKey.ToArray())));
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(attempt.Signed("ana", _stranger)));
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(attempt.Signed("ana", _stranger, blob: _key.PublicKey.ToArray())));
        // Asked with the first key, proved with the second: the second is whom the record shows.
        Assert.Equal(MessageNumber.UserAuthSuccess, await attempt.AskAsync(attempt.Signed("ana", _second)));
        Assert.Equal(Sallyport.Ssh.Keys.PublicKey.FingerprintOf(_second.PublicKey.Span), (await attempt.ResultAsync())!.Fingerprint);
    }

    [Fact]
    public async Task Threat40_ASignatureForAnotherNameOrSessionIsRefused()
    {
        await using var attempt = await StartAsync();
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(attempt.Signed("ana+web1", _key, signedUser: "ana+web2")));
        await using var other = await StartAsync();
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(other.Signed("ana+web1", _key)));
        Assert.Equal("the signature is wrong", attempt.Refused[^1].Reason);
    }

    [Fact]
    public async Task Threat40_AnAlgorithmThatIsNotTheKeysIsRefused()
    {
        await using var attempt = await StartAsync();
        var key = _key.PublicKey.ToArray();
        foreach (var algorithm in (string[])["rsa-sha2-512", "ssh-rsa", "ecdsa-sha2-nistp256", Certified, "ssh-dss", ""])
            Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(Attempt.Query("ana", algorithm, key)));
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(attempt.Signed("ana", _key, algorithm: "rsa-sha2-512")));
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(attempt.Signed("ana", _key, algorithm: Certified)));
    }

    [Fact]
    public async Task Threat41_AnOfferWithoutASignatureIsNoSuccess()
    {
        await using var attempt = await StartAsync();
        Assert.Equal(MessageNumber.UserAuthMethod, await attempt.AskAsync(Attempt.Query("ana", Ed25519, _key.PublicKey.ToArray())));
        await attempt.SendAsync(new SshWriter().Begin(MessageNumber.ChannelOpen).String("session").UInt32(0).UInt32(1).UInt32(1));
        Assert.Equal(DisconnectReason.ProtocolError, await attempt.AssertEndedAsync());
    }

    [Fact]
    public async Task AQueryTellsNothingOfWhoHasTheKey()
    {
        await using var attempt = await StartAsync();
        foreach (var user in (string[])["bob+web1"])
        {
            Assert.Equal(MessageNumber.UserAuthMethod, await attempt.AskAsync(Attempt.Query(user, Ed25519, _key.PublicKey.ToArray())));
            Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(Attempt.Query(user, Ed25519, _stranger.PublicKey.ToArray())));
        }
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(attempt.Signed("bob+web1", _key)));
        Assert.Equal("the name is unknown or has another key", attempt.Refused[^1].Reason);
    }

    [Theory]
    [InlineData(MessageNumber.UserAuthSuccess)]
    [InlineData(MessageNumber.UserAuthFailure)]
    [InlineData(MessageNumber.ChannelOpen)]
    [InlineData(MessageNumber.GlobalRequest)]
    [InlineData(MessageNumber.UserAuthInfoResponse)]
    [InlineData(MessageNumber.UserAuthMethod)]
    [InlineData(MessageNumber.UserAuthBanner)]
    [InlineData(MessageNumber.ServiceAccept)]
    public async Task Threat42_WhatMayNotComeBeforeAuthenticationEndsTheConnection(MessageNumber number)
    {
        foreach (var asksForService in (bool[])[false, true])
        {
            await using var attempt = await StartAsync(asksForService);
            await attempt.SendAsync(new SshWriter().Begin(number).String("session").UInt32(0).UInt32(1).UInt32(1));
            Assert.Equal(DisconnectReason.ProtocolError, await attempt.AssertEndedAsync());
        }
    }

    [Fact]
    public async Task Threat42_TheConnectionServiceCannotBeAskedForFirst()
    {
        await using var attempt = await StartAsync(asksForService: false);
        await attempt.SendAsync(new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-connection"));
        Assert.Equal(DisconnectReason.ServiceNotAvailable, await attempt.AssertEndedAsync());
        await using var early = await StartAsync(asksForService: false);
        await early.SendAsync(early.Signed("ana", _key));
        Assert.Equal(DisconnectReason.ProtocolError, await early.AssertEndedAsync());
    }

    [Fact]
    public async Task Threat43_TheUserNameAndTheServiceCannotChange()
    {
        await using var attempt = await StartAsync();
        await attempt.AskAsync(Attempt.Request("bob+web1", "none"));
        await attempt.SendAsync(attempt.Signed("ana+web1", _key));
        Assert.Equal(DisconnectReason.ProtocolError, await attempt.AssertEndedAsync());
        await using var service = await StartAsync();
        await service.SendAsync(Attempt.Request("ana+web1", "none", service: "ssh-userauth"));
        Assert.Equal(DisconnectReason.ServiceNotAvailable, await service.AssertEndedAsync());
    }

    [Fact]
    public async Task Threat43_AllFailuresLookTheSameAndCountUpToSix()
    {
        await using var attempt = await StartAsync();
        var answers = new List<byte[]>();
        foreach (var message in (SshWriter[])
            [
                attempt.Signed("ana", _stranger), Attempt.Password("ana", "wrong"), Attempt.Password("ana", new string('x', 5000)),
                Attempt.Password("ana", ""), Attempt.Request("ana", "password").Boolean(true).String("old").String("new"),
            ])
        {
            await attempt.SendAsync(message);
            answers.Add(await attempt.ReadAsync());
        }
        Assert.All(answers, a => Assert.Equal(answers[0], a));
        await attempt.SendAsync(Attempt.Password("ana", "again"));
        Assert.Equal(DisconnectReason.NoMoreAuthMethodsAvailable, await attempt.AssertEndedAsync());
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(1), 6), attempt.Time.Waits);
        Assert.Equal(6, attempt.Refused.Count);
        Assert.Contains("change the password", attempt.Refused[4].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat43_UnknownNamesLookLikeKnownOnes()
    {
        byte[]? first = null;
        foreach (var user in (string[])["bob", "nobody", new string('n', 200)])
        {
            await using var attempt = await StartAsync();
            await attempt.SendAsync(Attempt.Password(user, "wrong"));
            first ??= await attempt.ReadAsync();
            await attempt.SendAsync(Attempt.Password(user, "wrong"));
            Assert.Equal(first, await attempt.ReadAsync());
            Assert.All(attempt.Time.Waits, static w => Assert.Equal(TimeSpan.FromSeconds(1), w));
        }
    }

    [Theory]
    [InlineData(0x8000_0000)]
    [InlineData(0xFFFF_FFFF)]
    [InlineData(2)]
    [InlineData(0)]
    public async Task Threat43_AnswersOfAnotherNumberThanPromptsFail(uint count)
    {
        await using var attempt = await StartAsync();
        await attempt.AskAsync(Attempt.Request("bob", "keyboard-interactive").String("").String(""));
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(Response(count, TestIdentity.Secret)));
        // The prompt is over: an answer to it that comes later is one to nothing.
        await attempt.SendAsync(Response(1, TestIdentity.Secret));
        Assert.Equal(DisconnectReason.ProtocolError, await attempt.AssertEndedAsync());
    }

    [Fact]
    public async Task Threat43_ANewRequestEndsThePrompt()
    {
        await using var attempt = await StartAsync();
        await attempt.AskAsync(Attempt.Request("bob", "keyboard-interactive").String("").String(""));
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(Attempt.Request("bob", "none")));
        await attempt.SendAsync(Response(1, TestIdentity.Secret));
        Assert.Equal(DisconnectReason.ProtocolError, await attempt.AssertEndedAsync());
    }

    [Fact]
    public async Task Threat43_RequestsWithoutEndAreEnded()
    {
        await using var attempt = await StartAsync();
        for (var i = 0; i < 100 && attempt.Client.Outcome == SshOutcome.Open; i++)
            await attempt.Client.SendAsync(Attempt.Query("ana", Ed25519, _stranger.PublicKey.ToArray()).Written.ToArray(), default);
        Assert.Equal(DisconnectReason.NoMoreAuthMethodsAvailable, await attempt.AssertEndedAsync());
        Assert.Empty(attempt.Refused);
    }

    [Fact]
    public async Task Threat44_MalformedRequestsEndTheConnection()
    {
        foreach (var message in (SshWriter[])
            [
                new SshWriter().Begin(MessageNumber.UserAuthRequest),
                new SshWriter().Begin(MessageNumber.UserAuthRequest).UInt32(uint.MaxValue),
                Attempt.Request("ana", "publickey"),
                Attempt.Query("ana", Ed25519, _key.PublicKey.ToArray()).Byte(0),
                Attempt.Request("ana", "publickey").Boolean(true).String(Ed25519).String(_key.PublicKey.Span).UInt32(uint.MaxValue),
            ])
        {
            await using var attempt = await StartAsync();
            await attempt.SendAsync(message);
            Assert.Equal(DisconnectReason.ProtocolError, await attempt.AssertEndedAsync());
        }
        foreach (var user in (string[])["", "a\nb", new string('u', 300)])
        {
            await using var attempt = await StartAsync();
            await attempt.SendAsync(Attempt.Request(user, "none"));
            Assert.Equal(DisconnectReason.IllegalUserName, await attempt.AssertEndedAsync());
        }
    }

    [Fact]
    public async Task AForbiddenResourceLooksLikeAWrongProof()
    {
        await using var attempt = await StartAsync();
        await attempt.SendAsync(attempt.Signed("ana+web1", _stranger));
        var wrong = await attempt.ReadAsync();
        attempt.Forbids = "the policy opens nothing for ana";
        await attempt.SendAsync(attempt.Signed("ana+web1", _key));
        Assert.Equal(wrong, await attempt.ReadAsync());
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], attempt.Time.Waits);
        Assert.Equal("the policy opens nothing for ana", attempt.Refused[^1].Reason);
    }

    [Fact]
    public async Task ATokenIsJudgedAsOneAndACutOneIsToldOfToTheRecord()
    {
        await using var attempt = await StartAsync();
        await attempt.AskAsync(Attempt.Password("bob", "eyJh.eyJi.c2ln"));
        Assert.Equal("no issuer of tokens is configured", attempt.Refused[0].Reason);
        await attempt.AskAsync(Attempt.Password("bob", "eyJ" + new string('a', 1020)));
        Assert.Contains("cut by the client", attempt.Refused[1].Reason, StringComparison.Ordinal);
        await attempt.AskAsync(Attempt.Password("bob", "eyJ" + new string('a', 1019)));
        Assert.DoesNotContain("cut by the client", attempt.Refused[2].Reason, StringComparison.Ordinal);
        await attempt.AskAsync(Attempt.Password("bob", "eyJ." + new string('a', 1000) + "." + new string('a', 18)));
        Assert.Contains("cut by the client", attempt.Refused[3].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACertificateProvesANameAndItsRestrictionsComeAlong()
    {
        await using var attempt = await StartAsync();
        var signer = Show(Right with
        {
            KeyId = "ana@laptop",
            Principals = ["Ana"],
            Critical = [("force-command", "uptime"), ("source-address", "127.0.0.0/8")],
            Extensions = [],
        });
        Assert.Equal(MessageNumber.UserAuthMethod, await attempt.AskAsync(Attempt.Query("ana+web1", Certified, signer.PublicKey.ToArray())));
        Assert.Equal(MessageNumber.UserAuthSuccess, await attempt.AskAsync(attempt.Signed("ana+web1", signer)));
        var user = (await attempt.ResultAsync())!;
        Assert.Equal(("ana", "web1", "ana@laptop (serial 7)"), (user.Principal.Name, user.Resource, user.Certificate));
        Assert.Equal(["certified", "oncall"], user.Principal.Groups.Order(StringComparer.Ordinal));
        Assert.Equal("uptime", user.Restrictions.ForceCommand);
        Assert.False(user.Restrictions.PermitsPty || user.Restrictions.PermitsPortForwarding);
    }

    [Fact]
    public async Task Threat43_RestrictionsOutliveWhatElseWasTriedFirst()
    {
        await using var attempt = await StartAsync();
        var signer = Show(Right with { Critical = [("force-command", "uptime")] });
        attempt.Forbids = "not yet";
        await attempt.AskAsync(attempt.Signed("ana", _key));
        attempt.Forbids = null;
        Assert.Equal(MessageNumber.UserAuthSuccess, await attempt.AskAsync(attempt.Signed("ana", signer)));
        Assert.Equal("uptime", (await attempt.ResultAsync())!.Restrictions.ForceCommand);
    }

    [Fact]
    public async Task Threat40_CertificatesThatDoNotCountAreRefusedWhateverTheySign()
    {
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var cases = new (CertificateBuilder Builder, string Why)[]
        {
            (Right with { Kind = 2 }, "for a host"),
            (Right with { ValidBefore = now - 60 }, "expired"),
            (Right with { ValidAfter = now + 600 }, "not valid yet"),
            (Right with { Principals = [] }, "names nobody"),
            (Right with { Principals = ["ana,bob"] }, "plain name"),
            (Right with { Principals = ["*"] }, "plain name"),
            (Right with { Principals = ["bob"] }, "other names"),
            (Right with { Nonce = [] }, "nonce"),
            (Right with { Critical = [("x", null)] }, "critical option"),
            (Right with { Critical = [("source-address", "10.0.0.0/8")] }, "source addresses"),
            (Right with { Critical = [("verify-required", null)] }, "verification"),
            (Right with { Serial = 66 }, "revoked"),
            (new CertificateBuilder(_stranger, _stranger.PublicKey.ToArray()), "not trusted"),
        };
        foreach (var (builder, why) in cases)
        {
            await using var attempt = await StartAsync();
            Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(
                attempt.Signed("ana", _stranger, blob: builder.Build(), algorithm: Certified)));
            Assert.Contains(why, Assert.Single(attempt.Refused).Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Threat40_ACertificateOfAnotherKeyIsRefused()
    {
        await using var attempt = await StartAsync();
        Assert.Equal(MessageNumber.UserAuthFailure, await attempt.AskAsync(
            attempt.Signed("ana", _key, blob: Right.Build(), algorithm: Certified)));
        Assert.Contains("signature is wrong", attempt.Refused[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASecurityKeyWithACertificateThatAsksForVerificationMustHaveDoneIt()
    {
        using var token = new SoftwareToken(isEcdsa: true);
        var blob = new CertificateBuilder(_authority, token.Blob) { Critical = [("verify-required", null)] }.Build();
        const string Algorithm = "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com";
        await using var attempt = await StartAsync();
        foreach (var (flags, expected) in ((byte, MessageNumber)[])[(1, MessageNumber.UserAuthFailure), (5, MessageNumber.UserAuthSuccess)])
        {
            var request = Attempt.Request("ana", "publickey").Boolean(true).String(Algorithm).String(blob);
            var signed = new SshWriter().String(attempt.Client.SessionId.Span).Bytes(request.Written).Written.ToArray();
            Assert.Equal(expected, await attempt.AskAsync(request.String(token.Sign(signed, flags))));
        }
    }

    [Fact]
    public async Task ABannerIsSeenBeforeSuccess()
    {
        await using var attempt = await StartAsync();
        Assert.True(await attempt.Server.SendBannerAsync("Approve at\nhttps://gw.example/h/1", default));
        var reader = new SshReader(await attempt.ReadAsync());
        Assert.True(reader.TryReadMessageNumber(out var number) && reader.TryReadString(out var text));
        Assert.Equal(MessageNumber.UserAuthBanner, number);
        reader = new SshReader(attempt.Client.Message.Span[1..]);
        Assert.True(reader.TryReadString(out text));
        Assert.Equal("Approve at\r\nhttps://gw.example/h/1", System.Text.Encoding.UTF8.GetString(text));
    }

    private Task<Attempt> StartAsync(bool asksForService = true) => Attempt.StartAsync(
        TestIdentity.Make([_key.PublicKey.ToArray(), _second.PublicKey.ToArray()], _authority.PublicKey.ToArray(), new Identity.SerialRange(60, 69)),
        asksForService);

    private CertifiedSigner Show(CertificateBuilder builder)
    {
        Assert.True(Certificate.TryParse(builder.Build(), out var certificate, out var fault), fault);
        return new CertifiedSigner(_stranger, certificate);
    }

    private static SshWriter Response(uint count, string answer) =>
        new SshWriter().Begin(MessageNumber.UserAuthInfoResponse).UInt32(count).String(answer);

    private static string Methods(ReadOnlySpan<byte> failure)
    {
        var reader = new SshReader(failure[1..]);
        Assert.True(reader.TryReadString(out var methods));
        return System.Text.Encoding.ASCII.GetString(methods);
    }
}
