using System.IO.Pipelines;
using System.Text;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>A gateway that lets clients in that can be attacked.</summary>
public sealed class LenientGateway : SshGateway
{
    protected override string Settings => "ssh: { allowTerrapin: true }\n";
}

/// <summary>
/// THREATS 39 (CVE-2023-48795): somebody between a real client and the gateway adds a message before there are keys, and deletes the
/// first one after.
/// </summary>
public sealed class TerrapinTests(LenientGateway gateway) : IClassFixture<LenientGateway>
{
    private const string ChaCha = "chacha20-poly1305@openssh.com";

    /// <summary>IGNORE without a word in it, in the clear.</summary>
    private static readonly byte[] Ignore = [0, 0, 0, 12, 6, (byte)MessageNumber.Ignore, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The length of the gateway's EXT_INFO in ChaCha20-Poly1305, or in AES-GCM.</summary>
    private static int ExtInfoLength(int block)
    {
        var payload = 1 + 4 + 4 + "server-sig-algs".Length + 4 + string.Join(',', SshAlgorithms.UserSignatures).Length;
        // RFC 4253 §6: the length of the padding, four bytes of it at least; these ciphers do not count the length itself in the blocks.
        return 4 + ((1 + payload + 4 + block - 1) / block * block) + 16;
    }

    private static Task Attack(PipeReader from, PipeWriter to, bool isAdding, int deleted) => Middle.ChangeBeforeKeys(
        from, to, packet => isAdding && packet[5] == (byte)MessageNumber.NewKeys ? [.. Ignore, .. packet] : packet, deleted);

    private static Task HideStrict(PipeReader from, PipeWriter to) => Middle.ChangeBeforeKeys(
        from, to, static packet => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(packet).Replace("kex-strict-", "kex-struck-", StringComparison.Ordinal)), 0);

    private Task<CommandResult> SshAsync(Interceptor middle, params string[] options) => gateway.SshAsync(
        "eng", ["-o", $"Port={middle.Port}", "-o", "HostKeyAlias=gateway", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", .. options],
        "echo inside");

    [Fact]
    public async Task WhoeverOnlyListensIsNotNoticed()
    {
        using var middle = new Interceptor(gateway);

        Assert.Equal("inside\n", (await SshAsync(middle)).Output);
    }

    [Theory]
    [InlineData(ChaCha, 8, true)]
    [InlineData(ChaCha, 8, false)]
    [InlineData("aes128-gcm@openssh.com", 16, true)]
    [InlineData("aes128-gcm@openssh.com", 16, false)]
    public async Task Threat39_TheClientEndsAConnectionThatLacksTheGatewaysFirstMessage(string cipher, int block, bool isAdding)
    {
        using var middle = new Interceptor(gateway, toClient: (from, to) => Attack(from, to, isAdding, ExtInfoLength(block)));

        var result = await SshAsync(middle, "-c", cipher);

        Assert.Equal((255, ""), (result.ExitCode, result.Output));
        Assert.Matches(isAdding ? "strict KEX violation" : "message authentication code incorrect|Connection corrupted", result.Error);
        await middle.Ended;
    }

    /// <summary>Its first message under keys is 17 bytes long: SERVICE_REQUEST.</summary>
    [Theory]
    [InlineData(ChaCha, 4 + 24 + 16)]
    [InlineData("aes128-gcm@openssh.com", 4 + 32 + 16)]
    public async Task Threat39_TheGatewayEndsAConnectionThatAMessageWasAddedTo(string cipher, int deleted)
    {
        using var middle = new Interceptor(gateway, toGateway: (from, to) => Attack(from, to, isAdding: true, deleted));

        var result = await SshAsync(middle, "-c", cipher);

        Assert.Equal((255, ""), (result.ExitCode, result.Output));
        Assert.Contains("message 2 during a key exchange", result.Error, StringComparison.Ordinal);
        await middle.Ended;
    }

    /// <summary>The host key signs what both sides said that they know.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Threat39_StrictKeyExchangeCannotBeTalkedAway(bool isClients)
    {
        using var middle = isClients ? new Interceptor(gateway, toGateway: HideStrict) : new Interceptor(gateway, toClient: HideStrict);

        var result = await SshAsync(middle, "-c", ChaCha);

        Assert.Equal((255, ""), (result.ExitCode, result.Output));
        Assert.Contains("incorrect signature", result.Error, StringComparison.Ordinal);
        await middle.Ended;
    }

    /// <summary>
    /// What <c>allowTerrapin</c> lets happen, and that the attack of these tests is one: a client without strict key exchange goes on and
    /// does not know that a message is missing.
    /// </summary>
    [Fact]
    public async Task Threat39_AClientWithoutStrictKeyExchangeDoesNotNoticeWhereItIsAllowed()
    {
        var attacked = false;
        using var middle = new Interceptor(gateway, toClient: async (from, to) =>
        {
            attacked = true;
            await Attack(from, to, isAdding: true, ExtInfoLength(8));
        });

        var result = await gateway.ShellAsync($"{ClientMatrixTests.Go}CIPHER={ChaCha} PORT={middle.Port} $HERE/go-client eng+web1 $HERE/eng exec 'echo inside'");

        Assert.Equal("inside\n", result.OrThrow("go").Output);
        Assert.True(attacked);
        Assert.Contains("open to Terrapin", gateway.Gateway.Log, StringComparison.Ordinal);
    }
}

/// <summary>The same clients where nothing is said about them.</summary>
[Collection(nameof(SshGateway))]
public sealed class TerrapinRefusedTests(SshGateway gateway)
{
    private const string Paramiko = """
        /usr/bin/python3 -W ignore - $HERE/eng $PORT <<'END'
        import paramiko, sys
        transport = paramiko.Transport(("127.0.0.1", int(sys.argv[2])))
        options = transport.get_security_options()
        options.ciphers, options.digests = ["aes128-ctr"], [MAC]
        transport.connect(username="eng+web1", pkey=paramiko.Ed25519Key.from_private_key_file(sys.argv[1]))
        channel = transport.open_session()
        channel.exec_command("echo inside")
        print(channel.makefile().read().decode(), end="")
        END
        """;

    [Theory]
    [InlineData("hmac-sha2-256", "inside\n")]
    [InlineData("hmac-sha2-256-etm@openssh.com", "")]
    public async Task Threat39_WithoutStrictKeyExchangeOnlyWhatCannotBeAttackedIsUsed(string mac, string output)
    {
        var result = await gateway.ShellAsync(Paramiko.Replace("MAC", $"\"{mac}\"", StringComparison.Ordinal));

        Assert.Equal(output, result.Output);
        if (output.Length == 0)
            Assert.Contains("open to Terrapin", gateway.Gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat39_ARefusedClientIsToldWhatToUse()
    {
        var result = await gateway.ShellAsync(
            $"{ClientMatrixTests.Go}CIPHER=chacha20-poly1305@openssh.com $HERE/go-client eng+web1 $HERE/eng exec 'echo inside'");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("CVE-2023-48795", result.Error, StringComparison.Ordinal);
    }
}
