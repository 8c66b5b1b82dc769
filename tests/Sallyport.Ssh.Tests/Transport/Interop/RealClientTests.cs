using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Transport.Interop;

/// <summary>OpenSSH's and dropbear's clients against the transport in the server's role (Debian: openssh-client, dropbear-bin).</summary>
public sealed class RealClientTests
{
    private static readonly EcdsaSigner Ecdsa = new();

    public static TheoryData<string, string, string> OpenSshKnows
    {
        get
        {
            var all = new TheoryData<string, string, string>();
            foreach (var protection in Offers.Protections)
                all.Add("curve25519-sha256", (string)protection[0], (string)protection[1]);
            foreach (var kex in SshAlgorithms.Kex.Where(k => !k.StartsWith("mlkem", StringComparison.Ordinal)))
                all.Add(kex, "aes128-gcm@openssh.com", "");
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(OpenSshKnows))]
    public async Task OpenSSHComesToItsFirstUSERAUTHREQUEST(string kex, string cipher, string mac)
    {
        using var cable = new TcpCable();
        var client = RunAsync("ssh", ["-vv", .. OpenSsh(cable.Port, kex, cipher, mac), "true"]);
        var (outcome, negotiated) = await ServeUntilUserAuthAsync(cable);
        var said = (await client).Error;
        Assert.True(outcome == "none", outcome + said);
        Assert.Equal(new NegotiatedAlgorithms(kex, negotiated!.HostKey, cipher, cipher, mac, mac), negotiated);
        Assert.Contains($"kex: algorithm: {kex}", said, StringComparison.Ordinal);
        Assert.Contains($"kex: server->client cipher: {cipher} MAC: {(mac.Length > 0 ? mac : "<implicit>")}", said,
            StringComparison.Ordinal);
        Assert.Contains("SSH2_MSG_EXT_INFO received", said, StringComparison.Ordinal);
        Assert.Contains("server-sig-algs=<ssh-ed25519,", said, StringComparison.Ordinal);
    }

    /// <summary>The guess that dropbear sends after its KEXINIT is wrong, as our first key exchange is another.</summary>
    [Theory]
    [InlineData("ssh-ed25519")]
    [InlineData("ecdsa-sha2-nistp256")]
    public async Task DropbearComesToItsFirstUSERAUTHREQUESTWithAGuess(string hostKey)
    {
        using var cable = new TcpCable();
        using var home = new TemporaryFolder("dbclient");
        var client = Command.RunAsync("dbclient", ["-y", "-y", "-p", $"{cable.Port}", "bob@127.0.0.1", "true"],
            new Dictionary<string, string?> { ["HOME"] = home.FullPath });
        var (outcome, negotiated) = await ServeUntilUserAuthAsync(
            cable, Pair.ServerOptions with { HostKeys = hostKey == "ssh-ed25519" ? [Pair.HostKey] : [Ecdsa] });
        Assert.True(outcome == "none", outcome + (await client).Error);
        Assert.Equal(hostKey, negotiated!.HostKey);
    }

    /// <summary>Facts §5 "rekey": the client asks every megabyte, the server every two, while both send 16 MB.</summary>
    [Theory]
    [InlineData("aes128-gcm@openssh.com", "")]
    [InlineData("chacha20-poly1305@openssh.com", "")]
    [InlineData("aes128-ctr", "hmac-sha2-256")]
    [InlineData("aes256-ctr", "hmac-sha2-512-etm@openssh.com")]
    public async Task DataGoesBothWaysThroughNewKeysFromOpenSSHAndFromHere(string cipher, string mac)
    {
        const long Bytes = 16 << 20;
        using var folder = new TemporaryFolder("ssh");
        await File.WriteAllBytesAsync(folder["up"], Enumerable.Repeat((byte)3, (int)Bytes).ToArray());
        using var cable = new TcpCable();
        // The file of the shell's redirections is as long as the stream, so no pipe of this process is in the way.
        var client = RunAsync("sh", ["-c", "exec ssh \"$@\" cat < \"$UP\" > \"$DOWN\"", "sh", "-o", "RekeyLimit=1M",
            .. OpenSsh(cable.Port, "curve25519-sha256", cipher, mac)], new() { ["UP"] = folder["up"], ["DOWN"] = folder["down"] });

        using var pipe = await cable.AcceptAsync();
        await using var transport = new SshTransport(
            pipe, Pair.ServerOptions.With(cipher: cipher, mac: mac) with { RekeyBytes = 2 << 20 }, TimeProvider.System);
        Assert.Equal(SshOutcome.Open, await transport.StartAsync(default));
        Assert.Equal("none", await AcceptUserAuthAsync(transport));
        Assert.True(await transport.SendAsync(new[] { (byte)MessageNumber.UserAuthSuccess }, default));
        transport.IsAuthenticated = true;
        var stream = new ChannelStream(transport);
        var reading = Task.Run(stream.ReadAsync);
        await stream.SendAsync(Bytes, 5);
        // The client's own EOF may come later; it closes when both have ended.
        while (stream.Received < Bytes && !reading.IsCompleted)
            await Task.Delay(10);
        if (transport.Outcome == SshOutcome.Open)
            await stream.SayAsync(MessageNumber.ChannelClose);
        await reading;
        pipe.Shutdown();
        var said = (await client).Error;
        Assert.True(stream.Received == Bytes, $"{stream.Received} {transport.OutcomeText} {said}");
        Assert.Equal(3 * Bytes, stream.Sum);
        var down = await File.ReadAllBytesAsync(folder["down"]);
        Assert.Equal(Bytes, down.Length);
        Assert.False(down.AsSpan().ContainsAnyExcept((byte)5));
    }

    private static string[] OpenSsh(int port, string kex, string cipher, string mac) =>
    [
        "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o",
            $"KexAlgorithms={kex}",
        "-o", $"Ciphers={cipher}", .. mac.Length > 0 ? (string[])["-o", $"MACs={mac}"] : [], "-p", $"{port}", "bob@127.0.0.1",
    ];

    private static Task<CommandResult> RunAsync(string program, string[] arguments, Dictionary<string, string?>? environment = null) =>
        Command.RunAsync(program, arguments, environment);

    private static async Task<(string Outcome, NegotiatedAlgorithms? Negotiated)> ServeUntilUserAuthAsync(
        TcpCable cable, SshTransportOptions? options = null)
    {
        using var pipe = await cable.AcceptAsync();
        await using var transport = new SshTransport(pipe, options ?? Pair.ServerOptions, TimeProvider.System);
        var outcome = await transport.StartAsync(default) == SshOutcome.Open ? await AcceptUserAuthAsync(transport) : transport.OutcomeText;
        await transport.DisconnectAsync(DisconnectReason.ByApplication, "enough", default);
        await pipe.LingerAsync(TimeSpan.FromSeconds(5));
        return (outcome, transport.Negotiated);
    }

    /// <summary>The method of the first USERAUTH_REQUEST, or why it did not come.</summary>
    private static async Task<string> AcceptUserAuthAsync(SshTransport transport)
    {
        if (!await transport.ReadAsync(default))
            return transport.OutcomeText;
        Assert.Equal(new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth").Written.ToArray(),
            transport.Message.ToArray());
        Assert.True(await transport.SendAsync(
            new SshWriter().Begin(MessageNumber.ServiceAccept).String("ssh-userauth").Written.ToArray(), default));
        if (!await transport.ReadAsync(default))
            return transport.OutcomeText;
        return Method(transport.Message.Span);

        static string Method(ReadOnlySpan<byte> message)
        {
            var reader = new SshReader(message);
            Assert.True(reader.TryReadMessageNumber(out var number) && reader.TryReadString(out var user) && reader.TryReadString(out _));
            Assert.Equal(MessageNumber.UserAuthRequest, number);
            Assert.True(reader.TryReadString(out var method));
            return System.Text.Encoding.ASCII.GetString(method);
        }
    }
}
