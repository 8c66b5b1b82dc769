using System.Globalization;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Who somebody is, proved by OpenSSH's own client: certificates and what they restrict, secrets and their limits.</summary>
[Collection(nameof(OptionsGateway))]
public sealed class IdentityTests(OptionsGateway gateway)
{
    private const string Denied = "Permission denied (publickey,password,keyboard-interactive).";

    private async Task<CommandResult> WithCertificateAsync(string[] certificate, string[] options, string? command, string input = "")
    {
        var name = await gateway.CertifyAsync("users", "carol", certificate);
        return await gateway.SshAsync("carol+web1", [.. gateway.Options("carol", name), .. options], command, input);
    }

    [Theory]
    [InlineData("users", "carol", "carol")]
    [InlineData("users", "carol", "carol-ecdsa")]
    [InlineData("users", "carol", "carol-rsa")]
    [InlineData("users", "somebody,carol", "carol")]
    [InlineData("agents", "agent-7", "carol")]
    [InlineData("agents", "agent-7", "carol-rsa")]
    public async Task ACertificateOfATrustedAuthorityLogsIn(string authority, string logins, string key)
    {
        var login = logins.Split(',')[^1];
        var certificate = await gateway.CertifyAsync(authority, logins, ["-z", "4711", "-V", "-1m:+1h"], key);

        var result = await gateway.SshAsync($"{login}+web1", gateway.Options(key, certificate), "echo in");

        Assert.Equal((0, "in\n", ""), (result.ExitCode, result.Output, result.Error));
        await gateway.LoggedAsync("was proved by publickey", $"id of {key} (serial 4711)");
    }

    [Fact]
    public async Task WhomAnAuthorityCertifiesHasItsGroups()
    {
        var certificate = await gateway.CertifyAsync("agents", "agent-8", []);

        var result = await gateway.SshAsync("agent-8+web1", gateway.Options("carol", certificate), "uname");

        Assert.Equal((126, ""), (result.ExitCode, result.Output));
    }

    /// <summary>All that may be wrong with a certificate is said in the same words, which are those of a key that nobody has.</summary>
    [Theory]
    [InlineData("users", "carol", "-V 20200101:20210101", "has expired")]
    [InlineData("users", "carol", "-V +1d:+2d", "is not valid yet")]
    [InlineData("users", "somebody", "", "is for other names")]
    [InlineData("users", "carol*", "", "")]
    [InlineData("users", "carol", "-z 17", "serial 17 is revoked")]
    [InlineData("users", "carol", "-z 20", "serial 20 is revoked")]
    [InlineData("users", "carol", "-z 30", "serial 30 is revoked")]
    [InlineData("users", "carol", "-O source-address=10.0.0.0/8,192.0.2.1", "is for other source addresses")]
    [InlineData("users", "carol", "-O critical:moon-phase@example.com=full", "")]
    [InlineData("agents", "carol", "", "authority may not name this login")]
    [InlineData("hosts", "carol", "", "")]
    public async Task ACertificateThatDoesNotCountIsRefusedAsAnyOther(string authority, string logins, string options, string reason)
    {
        var certificate = await gateway.CertifyAsync(authority, logins, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var source = gateway.NextSource();

        var result = await gateway.SshAsync("carol+web1", gateway.Options("carol", certificate, source), "echo in");
        var stranger = await gateway.SshAsync("carol+web1", gateway.Options("stranger"), "echo in");

        Assert.Equal((255, "", $"carol+web1@127.0.0.1: {Denied}\n"), (result.ExitCode, result.Output, result.Error.ReplaceLineEndings("\n")));
        Assert.Equal(stranger.Error, result.Error);
        // Those without a reason fail before anything is signed: nobody's proof was refused.
        if (reason.Length > 0)
            await gateway.LoggedAsync(source, reason);
    }

    /// <summary>OpenSSH does not offer such a certificate; paramiko does.</summary>
    [Fact]
    public async Task ACertificateOfAHostIsNobodysProof()
    {
        var source = gateway.NextSource();
        var user = await gateway.CertifyAsync("users", "carol", []);
        var host = await gateway.CertifyAsync("users", "carol", ["-h"]);

        Assert.Equal("True", await OfferAsync(user));
        Assert.Equal("Authentication failed.", await OfferAsync(host));
        await gateway.LoggedAsync(source, "is for a host, not for a user");

        async Task<string> OfferAsync(string certificate) => (await Command.RunAsync("/usr/bin/python3",
        [
            "-c", """
                import paramiko, socket, sys
                port, source, key, certificate = sys.argv[1:]
                transport = paramiko.Transport(socket.create_connection(("127.0.0.1", int(port)), source_address=(source, 0)))
                transport.start_client()
                proof = paramiko.Ed25519Key.from_private_key_file(key)
                proof.load_certificate(certificate)
                try:
                    transport.auth_publickey("carol+web1", proof)
                except paramiko.AuthenticationException as e:
                    print(e)
                else:
                    print(transport.is_authenticated())
                transport.close()
                """,
            gateway.Gateway.Port.ToString(CultureInfo.InvariantCulture), source, gateway["carol"], $"{gateway[certificate]}-cert.pub",
        ])).OrThrow("paramiko").Output.Trim();
    }

    /// <summary>An authority names whom its configuration lets it, and nobody else who happens to be configured.</summary>
    [Fact]
    public async Task AnAuthorityDoesNotMakeAnAdministrator()
    {
        var certificate = await gateway.CertifyAsync("users", "dana,carol", []);

        var result = await gateway.SshAsync("dana+web1", gateway.Options("carol", certificate), "echo in");

        Assert.Equal(255, result.ExitCode);
        Assert.Contains(Denied, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACertificateBoundToAnAddressLogsInFromThere()
    {
        var source = gateway.NextSource();
        var certificate = await gateway.CertifyAsync("users", "carol", ["-O", $"source-address=192.0.2.1,{source}/32"]);

        Assert.Equal("in\n", (await gateway.SshAsync("carol+web1", gateway.Options("carol", certificate, source), "echo in")).Output);
        Assert.Equal(255, (await gateway.SshAsync("carol+web1", gateway.Options("carol", certificate), "echo in")).ExitCode);
    }

    [Fact]
    public async Task ASessionEndsWithItsCertificate()
    {
        var result = await WithCertificateAsync(["-V", "-1m:+4s"], [], "echo in; sleep 50; echo still in");

        Assert.Equal((255, "in\n"), (result.ExitCode, result.Output));
        Assert.Contains("its proof of identity expired or was revoked", result.Error, StringComparison.Ordinal);
    }

    /// <summary>THREATS 46: a command, a shell and subsystems go through the same gate.</summary>
    [Fact]
    public async Task Threat46_WhatACertificateForcesRunsInsteadOfWhatIsAskedFor()
    {
        var certificate = await gateway.CertifyAsync("users", "carol", ["-O", "force-command=echo forced"]);

        foreach (var (option, asked) in ((string, string?)[])[("-T", "id"), ("-tt", "id"), ("-T", null), ("-s", "netconf"), ("-s", "sftp")])
        {
            var result = await gateway.SshAsync("carol+web1", [option, .. gateway.Options("carol", certificate)], asked, option == "-tt" ? "" : "echo typed\n");
            Assert.Equal((0, "forced\n"), (result.ExitCode, result.Output.ReplaceLineEndings("\n")));
        }
        Assert.Contains("\"command_forced\"", await gateway.LastRecordingAsync(), StringComparison.Ordinal);
    }

    /// <summary>THREATS 46. How sshd is told to give somebody files and nothing else: it knows that name, and no target has a program of it.</summary>
    [Fact]
    public async Task Threat46_ACertificateForSftpOnlyGivesSftp()
    {
        var certificate = await gateway.CertifyAsync("users", "carol", ["-O", "force-command=internal-sftp"]);
        await File.WriteAllTextAsync(gateway["to-send"], "sent\n");

        var result = await gateway.SshAsync("carol+web1", ["-q", "-b", "-", .. gateway.Options("carol", certificate)], null,
            $"put {gateway["to-send"]} {gateway.Plain["received"]}\n", "sftp");
        var command = await gateway.SshAsync("carol+web1", gateway.Options("carol", certificate), $"touch {gateway.Plain["touched"]}");

        Assert.Equal((0, "sent\n"), (result.OrThrow("sftp").ExitCode, await File.ReadAllTextAsync(gateway.Plain["received"])));
        Assert.Equal("", command.Output);
        Assert.False(File.Exists(gateway.Plain["touched"]));
    }

    [Fact]
    public async Task WhatACertificateForcesIsDecidedByTheRules()
    {
        var certificate = await gateway.CertifyAsync("agents", "agent-9", ["-O", $"force-command=touch {gateway.Plain["forced"]}"]);

        var result = await gateway.SshAsync("agent-9+web1", gateway.Options("carol", certificate), "echo allowed");

        Assert.Equal((126, ""), (result.ExitCode, result.Output));
        Assert.False(File.Exists(gateway.Plain["forced"]));
    }

    [Fact]
    public async Task ACertificateWithoutPermitPtyGivesNoTerminal()
    {
        var without = await WithCertificateAsync(["-O", "no-pty"], ["-tt"], "tty");
        var with = await WithCertificateAsync([], ["-tt"], "tty");

        Assert.Equal((255, ""), (without.ExitCode, without.Output));
        Assert.Contains("PTY allocation request failed", without.Error, StringComparison.Ordinal);
        Assert.StartsWith("/dev/pts/", with.Output);
    }

    /// <summary>THREATS 45: refused and recorded, as what a rule refuses.</summary>
    [Fact]
    public async Task Threat45_ACertificateWithoutPermitPortForwardingForwardsNothing()
    {
        var port = FreePort.Next();
        using var web = Greeter.Listen(port);

        var with = await WithCertificateAsync([], ["-W", $"127.0.0.1:{port}"], null);
        var direct = await WithCertificateAsync(["-O", "no-port-forwarding"], ["-W", $"127.0.0.1:{port}"], null);
        var directRecording = await gateway.LastRecordingAsync();
        var back = await WithCertificateAsync(["-O", "no-port-forwarding"], ["-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:127.0.0.1:22"], "echo in");
        var backRecording = await gateway.LastRecordingAsync();

        Assert.Equal("hello from there\n", with.Output);
        Assert.Equal((255, ""), (direct.ExitCode, direct.Output));
        Assert.Contains("administratively prohibited", direct.Error, StringComparison.Ordinal);
        Assert.Equal((255, ""), (back.ExitCode, back.Output));
        Assert.Contains("remote port forwarding failed", back.Error, StringComparison.Ordinal);
        Assert.Contains(directRecording.Split('\n'), l => l.Contains("\"channel_refused\"", StringComparison.Ordinal) && l.Contains($"127.0.0.1:{port}", StringComparison.Ordinal));
        Assert.Contains(backRecording.Split('\n'), static l => l.Contains("\"request_refused\"", StringComparison.Ordinal) && l.Contains("tcpip-forward", StringComparison.Ordinal));
    }

    private string[] Interactive(string? source) => ["-o", "BatchMode=no", "-o", "PubkeyAuthentication=no", .. gateway.Options("stranger", source: source)];

    private Task<CommandResult> WithSecretAsync(string login, string secret, string method, string? source = null) => gateway.SshAsync(login,
        ["-p", secret, "ssh", .. Interactive(source), "-o", $"PreferredAuthentications={method}", "-o", "NumberOfPasswordPrompts=1"],
        "echo in", program: "sshpass");

    [Fact]
    public async Task ASecretIsAPasswordOrAnAnswer()
    {
        var issued = (await gateway.SallyportAsync("secrets", "issue", "bot", "--for", "10m", "--on", "web1")).OrThrow("secrets issue").Output
            .Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).MaxBy(static w => w.Length)!;

        await Task.WhenAll(((string[])["password", "keyboard-interactive"]).Select(async method =>
        {
            Assert.Equal("in\n", (await WithSecretAsync("bot+web1", OptionsGateway.Secret, method)).Output);
            Assert.Equal("in\n", (await WithSecretAsync("bot+web1", issued, method)).Output);
            foreach (var (login, secret) in ((string, string)[])[("bot+web1", "not-" + issued), ("bot+quiet", issued), ("eng+web1", issued), ("eng+web1", "")])
            {
                var result = await WithSecretAsync(login, secret, method);
                Assert.Equal((true, ""), (result.ExitCode != 0, result.Output));
                Assert.Contains("Permission denied", result.Error, StringComparison.Ordinal);
            }
        }));
    }

    [Theory]
    [InlineData("password")]
    [InlineData("keyboard-interactive")]
    public async Task ACodeForOneLoginIsNoneAfterwards(string method)
    {
        var code = (await gateway.SallyportAsync("secrets", "issue", "bot", "--for", "10m", "--once")).OrThrow("secrets issue").Output
            .Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).MaxBy(static w => w.Length)!;

        Assert.Equal("in\n", (await WithSecretAsync("bot+web1", code, method)).Output);
        Assert.Contains("Permission denied", (await WithSecretAsync("bot+web1", code, method)).Error, StringComparison.Ordinal);
    }

    /// <summary>THREATS 43.</summary>
    [Fact]
    public async Task Threat43_WhoGuessesIsCutOffAndThenMustWait()
    {
        var source = gateway.NextSource();
        await File.WriteAllTextAsync(gateway["guess"], "#!/bin/sh\necho guess\n");
        (await Command.RunAsync("chmod", ["+x", gateway["guess"]])).OrThrow("chmod");
        var prompts = OptionsGateway.WrongProofs + 3;

        var guesses = await gateway.SshAsync("bot+web1",
            [.. Interactive(source), "-o", "PreferredAuthentications=password",
                "-o", string.Create(CultureInfo.InvariantCulture, $"NumberOfPasswordPrompts={prompts}")],
            "echo in", environment: new Dictionary<string, string?> { ["SSH_ASKPASS"] = gateway["guess"], ["SSH_ASKPASS_REQUIRE"] = "force" });
        var right = await WithSecretAsync("bot+web1", OptionsGateway.Secret, "password", source);
        var elsewhere = await WithSecretAsync("bot+web1", OptionsGateway.Secret, "password");

        Assert.Equal((255, ""), (guesses.ExitCode, guesses.Output));
        Assert.Contains("too many authentication failures", guesses.Error, StringComparison.Ordinal);
        Assert.Equal((255, ""), (right.ExitCode, right.Output));
        Assert.Contains("too many wrong proofs from your address; wait a while", right.Error, StringComparison.Ordinal);
        Assert.Equal("in\n", elsewhere.Output);
    }
}
