using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Tests.Authentication.Support;
using Sallyport.Ssh.Tests.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Authentication;

/// <summary>The client against servers that a test scripts; real ones are in <see cref="RealServerLoginTests"/>.</summary>
public sealed class ClientAuthenticationTests : IDisposable
{
    private static readonly FixedCredential Password = new("the password");
    private readonly Ed25519Signer _key = CertificateBuilder.NewKey();

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData("publickey")]
    [InlineData("password")]
    [InlineData("keyboard-interactive")]
    public async Task NoCredentialIsOfferedThatTheServerDidNotAskFor(string method)
    {
        await using var server = await ScriptedServer.StartAsync();
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Signers = [_key], Password = Password });
        await server.AcceptServiceAsync();
        Assert.Equal("none", Method(await server.ReadAsync()));
        await server.FailAsync(method);
        var second = await server.ReadAsync();
        Assert.Equal(method, Method(second));
        Assert.Equal(method == "password", Contains(second, "the password"));
        if (method == "keyboard-interactive")
        {
            await server.SendAsync(Prompt(1, false));
            Assert.True(Contains(await server.ReadAsync(), "the password"));
        }
        await server.SendAsync(new SshWriter().Begin(MessageNumber.UserAuthSuccess));
        var result = await login;
        Assert.True(result.IsAccepted);
        Assert.Equal(method, result.Method);
        Assert.True(server.Client.IsAuthenticated);
    }

    [Fact]
    public async Task AServerThatTakesOnlyWhatIsNotConfiguredGetsNothing()
    {
        await using var server = await ScriptedServer.StartAsync();
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Password = Password });
        await server.AcceptServiceAsync();
        await server.ReadAsync();
        await server.FailAsync("publickey,gssapi-with-mic,hostbased");
        var result = await login;
        Assert.False(result.IsAccepted || server.Client.IsAuthenticated);
        Assert.Contains("publickey,gssapi-with-mic,hostbased", result.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APartialSuccessGoesOnWithWhatElseIsAskedFor()
    {
        await using var server = await ScriptedServer.StartAsync();
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Signers = [_key], Password = Password });
        await server.AcceptServiceAsync();
        await server.ReadAsync();
        await server.FailAsync("publickey");
        Assert.Equal("publickey", Method(await server.ReadAsync()));
        await server.FailAsync("password", isPartial: true);
        Assert.Equal("password", Method(await server.ReadAsync()));
        await server.SendAsync(new SshWriter().Begin(MessageNumber.UserAuthSuccess));
        Assert.Equal("password", (await login).Method);
    }

    [Fact]
    public async Task APasswordIsNoAnswerToASecondQuestion()
    {
        foreach (var prompt in (SshWriter[])[Prompt(1, false), Prompt(1, true), Prompt(2, false), Prompt(0x8000_0000, false)])
        {
            await using var server = await ScriptedServer.StartAsync();
            var login = server.LogInAsync(new ClientCredentials { User = "deploy", Password = Password });
            await server.AcceptServiceAsync();
            await server.ReadAsync();
            await server.FailAsync("keyboard-interactive");
            await server.ReadAsync();
            await server.SendAsync(Prompt(1, false));
            Assert.True(Contains(await server.ReadAsync(), "the password"));
            await server.SendAsync(prompt);
            Assert.Contains("more than a password", (await login).Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AQuestionWithNoPromptIsAnsweredEmpty()
    {
        await using var server = await ScriptedServer.StartAsync();
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Password = Password });
        await server.AcceptServiceAsync();
        await server.ReadAsync();
        await server.FailAsync("keyboard-interactive");
        await server.ReadAsync();
        await server.SendAsync(Prompt(0, false));
        Assert.Equal(new SshWriter().Begin(MessageNumber.UserAuthInfoResponse).UInt32(0).Written.ToArray(), await server.ReadAsync());
        await server.SendAsync(new SshWriter().Begin(MessageNumber.UserAuthSuccess));
        Assert.True((await login).IsAccepted);
    }

    [Fact]
    public async Task AnExpiredPasswordIsSaidToBeOne()
    {
        await using var server = await ScriptedServer.StartAsync();
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Password = Password });
        await server.AcceptServiceAsync();
        await server.ReadAsync();
        await server.FailAsync("password");
        await server.ReadAsync();
        await server.SendAsync(new SshWriter().Begin(MessageNumber.UserAuthMethod).String("change it").String(""));
        Assert.Contains("expired", (await login).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BannersArePassedOverAndDoNotGoOnForEver()
    {
        await using var server = await ScriptedServer.StartAsync();
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Signers = [_key] });
        await server.AcceptServiceAsync();
        await server.ReadAsync();
        for (var i = 0; i < 3; i++)
            await server.SendAsync(new SshWriter().Begin(MessageNumber.UserAuthBanner).String("hello").String(""));
        await server.FailAsync("publickey");
        Assert.Equal("publickey", Method(await server.ReadAsync()));
        for (var i = 0; i < 100; i++)
            await server.SendAsync(new SshWriter().Begin(MessageNumber.UserAuthBanner).String("hello").String(""));
        Assert.False((await login).IsAccepted);
    }

    [Theory]
    [InlineData(MessageNumber.UserAuthRequest)]
    [InlineData(MessageNumber.ChannelOpen)]
    [InlineData(MessageNumber.UserAuthMethod)]
    [InlineData(MessageNumber.UserAuthInfoResponse)]
    public async Task WhatIsNoAnswerEndsTheConnection(MessageNumber number)
    {
        await using var server = await ScriptedServer.StartAsync();
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Signers = [_key] });
        await server.AcceptServiceAsync();
        await server.ReadAsync();
        await server.SendAsync(new SshWriter().Begin(number).String("x"));
        Assert.Contains("broke the authentication protocol", (await login).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACertificateOfThisGatewaysAuthorityLogsInToThisServer()
    {
        using var authorityKey = CertificateBuilder.NewKey();
        using var issued = new CertificateAuthority(authorityKey, TimeProvider.System).IssueUser("id", ["ana"], TimeSpan.FromMinutes(5));
        await using var attempt = await Attempt.StartAsync(TestIdentity.Make([], authorityKey.PublicKey.ToArray()), asksForService: false);
        var result = await new ClientAuthentication(attempt.Client, new ClientCredentials { User = "ana+web1", Signers = [_key, issued.Signer] })
            .RunAsync(default);
        Assert.True(result.IsAccepted, result.Fault);
        Assert.Equal($"id (serial {issued.Certificate.Serial})", (await attempt.ResultAsync())!.Certificate);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("keyboard-interactive")]
    public async Task ASecretLogsInToThisServer(string method)
    {
        await using var attempt = await Attempt.StartAsync(TestIdentity.Make([]), asksForService: false);
        var secret = new FixedCredential(method == "password" ? TestIdentity.Secret : "wrong");
        var result = await new ClientAuthentication(attempt.Client, new ClientCredentials { User = "bob+web1", Password = secret }).RunAsync(default);
        Assert.Equal(method == "password", result.IsAccepted);
        if (!result.IsAccepted)
            Assert.Contains("password, keyboard-interactive", result.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyThatTheServerDoesNotVerifyIsNotTried()
    {
        await using var server = await ScriptedServer.StartAsync(["rsa-sha2-256"]);
        using var folder = new KeyFolder();
        await folder.GenerateAsync("rsa", "-t", "rsa", "-b", "2048");
        using var rsa = PrivateKeySigner.Load(folder.PrivateText("rsa"));
        var login = server.LogInAsync(new ClientCredentials { User = "deploy", Signers = [_key, rsa] });
        await server.AcceptServiceAsync();
        await server.ReadAsync();
        await server.FailAsync("publickey");
        var request = await server.ReadAsync();
        Assert.True(Contains(request, "rsa-sha2-256"));
        Assert.False(Contains(request, "rsa-sha2-512"));
        await server.FailAsync("publickey");
        Assert.False((await login).IsAccepted);
    }

    private static SshWriter Prompt(uint count, bool isEchoed) => new SshWriter().Begin(MessageNumber.UserAuthMethod).String("").String("")
        .String("").UInt32(count).Bytes(count == 0 ? [] : new SshWriter().String("Password: ").Boolean(isEchoed).Written);

    private static bool Contains(byte[] message, string text) => message.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text)) >= 0;

    private static string Method(byte[] message)
    {
        var reader = new SshReader(message);
        Assert.True(reader.TryReadMessageNumber(out var number) && reader.TryReadString(out _) && reader.TryReadString(out _));
        Assert.Equal(MessageNumber.UserAuthRequest, number);
        Assert.True(reader.TryReadString(out var method));
        return System.Text.Encoding.ASCII.GetString(method);
    }
}
