using System.Globalization;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>The keys of a resource's <c>ssh:</c> and the gateway's own: what each makes of a real target and a real client.</summary>
[Collection(nameof(OptionsGateway))]
public sealed class UpstreamOptionsTests(OptionsGateway gateway)
{
    [Fact]
    public async Task ASessionHasAKeyOfItsOwnAndACertificateOfFiveMinutes()
    {
        var first = await ShownAsync();
        var second = await ShownAsync();

        Assert.Contains("user certificate", first, StringComparison.Ordinal);
        Assert.Contains("Key ID: \"sallyport:eng:", first, StringComparison.Ordinal);
        Assert.Equal(["Principals:", Environment.UserName, "Critical Options: (none)"], Lines(first).SkipWhile(static l => l != "Principals:").Take(3));
        Assert.Equal(["Extensions:", "permit-port-forwarding", "permit-pty"], Lines(first).SkipWhile(static l => l != "Extensions:"));
        var valid = Lines(first).Single(static l => l.StartsWith("Valid: ", StringComparison.Ordinal)).Split(' ');
        var (from, to) = (DateTime.Parse(valid[2], CultureInfo.InvariantCulture), DateTime.Parse(valid[4], CultureInfo.InvariantCulture));
        // A minute of it is past, for clocks that differ.
        Assert.Equal(TimeSpan.FromMinutes(6), to - from);
        Assert.NotEqual(Lines(first).First(static l => l.StartsWith("Public key: ", StringComparison.Ordinal)),
            Lines(second).First(static l => l.StartsWith("Public key: ", StringComparison.Ordinal)));
    }

    /// <summary>What the target saw of the gateway's proof, as ssh-keygen shows it.</summary>
    private async Task<string> ShownAsync()
    {
        var proof = (await gateway.EngineerAsync("certified", "cat $SSH_USER_AUTH")).OrThrow("ssh").Output;
        Assert.StartsWith("publickey ", proof);
        return (await Command.RunAsync("ssh-keygen", ["-L", "-f", "-"], input: proof["publickey ".Length..])).OrThrow("ssh-keygen -L").Output;
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(static l => l.Trim()).Where(static l => l.Length > 0);

    [Theory]
    [InlineData("untrusting")]
    [InlineData("no-account")]
    public async Task ATargetThatDoesNotTakeTheCertificateIsSaidToBe(string resource)
    {
        var result = await gateway.EngineerAsync(resource, "echo in");

        Assert.Equal((255, ""), (result.ExitCode, result.Output));
        Assert.Contains($"{resource} does not take the gateway's own credential; tell who runs it", result.Error, StringComparison.Ordinal);
    }

    /// <summary>THREATS 49: a certificate proves a host under the name that is dialled, while it is valid, and by the authority that is configured.</summary>
    [Theory]
    [InlineData("other-name", "is for other names")]
    [InlineData("other-authority", "is not a configured authority")]
    [InlineData("revoked-host", "or its authority is revoked")]
    [InlineData("expired-host", "has expired")]
    [InlineData("uncertified-host", "")]
    public async Task Threat49_AHostWithoutAGoodCertificateIsNotUsed(string resource, string reason)
    {
        var result = await gateway.EngineerAsync(resource, "echo in");

        Assert.Equal((255, ""), (result.ExitCode, result.Output));
        Assert.Contains(reason.Length > 0 ? $"{resource} did not prove to be itself" : $"the gateway and {resource} have no algorithm in common",
            result.Error, StringComparison.Ordinal);
        await gateway.LoggedAsync($"{resource}: ", reason);
    }

    /// <summary>THREATS 49.</summary>
    [Fact]
    public async Task Threat49_TheFirstKeyIsRememberedAndAnotherRefused()
    {
        var first = await gateway.EngineerAsync("first-use", "echo in");
        var remembered = await File.ReadAllTextAsync(Path.Combine(gateway.Gateway.Folder, "data", "ssh", "remembered_hosts"));
        var again = await gateway.EngineerAsync("first-use", "echo again");
        var known = $"first-use {gateway.Changing.HostKey}\n";

        await gateway.Changing.ChangeHostKeyAsync();
        var changed = await gateway.EngineerAsync("first-use", "echo changed");

        Assert.Equal(("in\n", known, "again\n"), (first.Output, remembered, again.Output));
        Assert.Single(gateway.Gateway.Log.Split('\n'), static l => l.Contains("first-use: trusted on first use", StringComparison.Ordinal));
        Assert.Equal((255, ""), (changed.ExitCode, changed.Output));
        Assert.Contains("first-use did not prove to be itself", changed.Error, StringComparison.Ordinal);
        await gateway.LoggedAsync("first-use: ", "and showed another one before");
        Assert.Equal(known, await File.ReadAllTextAsync(Path.Combine(gateway.Gateway.Folder, "data", "ssh", "remembered_hosts")));
    }

    [Fact]
    public async Task OldServersAreReachedWhereThatIsSaid()
    {
        var old = await gateway.EngineerAsync("old", "echo in");
        var unsaid = await gateway.EngineerAsync("old-unsaid", "echo in");

        Assert.Equal((0, "in\n"), (old.ExitCode, old.Output));
        Assert.Equal((255, ""), (unsaid.ExitCode, unsaid.Output));
        Assert.Contains("have no algorithm in common", unsaid.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEncryptedKeyIsReadWithItsPassphrase() => Assert.Equal("in\n", (await gateway.EngineerAsync("encrypted", "echo in")).Output);

    [Fact]
    public async Task InputIsNotRecordedWhereThatIsSaid()
    {
        Assert.Equal("typed\n", (await gateway.EngineerAsync("web1", "cat", "typed\n")).Output);
        Assert.Contains("\"kind\":\"input\"", await gateway.LastRecordingAsync(), StringComparison.Ordinal);

        Assert.Equal("typed\n", (await gateway.EngineerAsync("quiet", "cat", "typed\n")).Output);
        var recording = await gateway.LastRecordingAsync();
        Assert.Contains("\"kind\":\"output\"", recording, StringComparison.Ordinal);
        Assert.DoesNotContain("\"kind\":\"input\"", recording, StringComparison.Ordinal);
    }

    /// <summary>The fixture's clients know the authority only; who knows only the key in the certificate is content with that.</summary>
    [Fact]
    public async Task TheGatewaysCertificateIsTakenByWhomKnowsItsAuthorityOrItsKey()
    {
        await File.WriteAllTextAsync(gateway["by-key"], $"[127.0.0.1]:{gateway.Gateway.Port} {gateway.Line("gateway")}\n");
        await File.WriteAllTextAsync(gateway["by-other"], $"@cert-authority [127.0.0.1]:{gateway.Gateway.Port} {gateway.Line("users")}\n");

        var certified = await KnowingAsync("known_hosts");
        var plain = await KnowingAsync("by-key");
        var other = await KnowingAsync("by-other");

        Assert.Equal("in\n", certified.Output);
        Assert.Contains("Server host certificate: ssh-ed25519-cert-v01@openssh.com", certified.Error, StringComparison.Ordinal);
        Assert.Equal("in\n", plain.Output);
        Assert.Equal((255, ""), (other.ExitCode, other.Output));

        Task<CommandResult> KnowingAsync(string file) =>
            gateway.SshAsync("eng+web1", ["-v", "-o", $"UserKnownHostsFile={gateway[file]}", .. gateway.Options("eng")], "echo in");
    }

    /// <summary>THREATS 51: nobody here knows what reads the line, so it passes by its exact text only.</summary>
    [Fact]
    public async Task Threat51_EveryLineIsOpaqueToATargetWithAnotherShell()
    {
        var certificate = await gateway.CertifyAsync("agents", "agent-7", []);
        var options = gateway.Options("carol", certificate);

        var command = await gateway.SshAsync("agent-7+other", options, "echo a");
        var line = await gateway.SshAsync("agent-7+other", options, "echo as written");
        var elsewhere = await gateway.SshAsync("agent-7+web1", options, "echo a");

        Assert.Equal((126, ""), (command.ExitCode, command.Output));
        Assert.Contains("the target has no POSIX shell", command.Error, StringComparison.Ordinal);
        Assert.Equal((0, "as written\n"), (line.ExitCode, line.Output));
        Assert.Equal("a\n", elsewhere.Output);
    }

    [Fact]
    public async Task ThereIsNoCommandModeForATargetWithAnotherShell()
    {
        var certificate = await gateway.CertifyAsync("agents", "agent-7", []);

        var result = await gateway.SshAsync("agent-7+other", ["-T", .. gateway.Options("carol", certificate)], null, "echo as written\n");

        Assert.Equal((126, ""), (result.ExitCode, result.Output));
        Assert.Equal("sallyport: shells are in command mode here, and the target has no POSIX shell to run lines in", result.Error.Trim());
    }
}
