using System.Text;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;

namespace Sallyport.Ssh.Tests.Transport;

public sealed class VersionTests
{
    [Theory]
    [InlineData(SshRole.Server, "SSH-1.5-old")]
    [InlineData(SshRole.Server, "SSH-1.99-both")]
    [InlineData(SshRole.Server, "SSH-3.0-new")]
    [InlineData(SshRole.Server, "SSH-2.0-")]
    [InlineData(SshRole.Server, "SSH-2.0-a\0b")]
    [InlineData(SshRole.Server, "SSH-2.0-a\x1b[31m")]
    [InlineData(SshRole.Server, "SSH-2.0-\u00e9")]
    [InlineData(SshRole.Server, "GET / HTTP/1.1")]
    [InlineData(SshRole.Server, "a line before")]
    [InlineData(SshRole.Client, "SSH-1.5-old")]
    [InlineData(SshRole.Client, "SSH-1.990-odd")]
    [InlineData(SshRole.Client, "SSH-2.0")]
    public async Task ALineThatIsNotSSH2EndsIt(SshRole role, string line)
    {
        var transport = Make(role, out var peer);
        await new Script(peer.Output).LineAsync(line);
        Assert.Equal(SshOutcome.PeerViolation, await transport.StartAsync(default));
        Assert.Equal(DisconnectReason.ProtocolVersionNotSupported, transport.OutcomeReason);
        await transport.DisposeAsync();
    }

    /// <summary>THREATS 44: a banner without an end.</summary>
    [Theory]
    [InlineData(SshRole.Server, "SSH-2.0-", 255)]
    [InlineData(SshRole.Client, "SSH-2.0-", 8192)]
    [InlineData(SshRole.Client, "hello", 8192)]
    public async Task ALongBannerIsRefusedWhenTheLimitIsReached(SshRole role, string begin, int limit)
    {
        var transport = Make(role, out var peer);
        var starting = transport.StartAsync(default).AsTask();
        await peer.Output.WriteAsync(Encoding.ASCII.GetBytes(begin.PadRight(limit - 1, 'x')));
        Assert.False(starting.IsCompleted);
        await peer.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal(SshOutcome.PeerViolation, await starting);
        await transport.DisposeAsync();
    }

    [Fact]
    public async Task ABannerOf70KBInLinesIsRefused()
    {
        var transport = Make(SshRole.Client, out var peer);
        var starting = transport.StartAsync(default).AsTask();
        var line = new string('x', 998) + "\r\n";
        var writing = peer.Output.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, 70))));
        Assert.Equal(SshOutcome.PeerViolation, await starting);
        await transport.DisposeAsync();
        Assert.True((await writing).IsCompleted);
    }

    [Theory]
    [InlineData(SshRole.Server, "SSH-2.0-PuTTY_Release_0.78", "SSH-2.0-PuTTY_Release_0.78")]
    [InlineData(SshRole.Server, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10")]
    [InlineData(SshRole.Client, "SSH-1.99-Cisco-1.25", "SSH-1.99-Cisco-1.25")]
    [InlineData(SshRole.Client, "Welcome\r\n\r\nto this\nSSH-2.0-x", "SSH-2.0-x")]
    public async Task AGoodLineIsKeptAsItIs(SshRole role, string lines, string version)
    {
        var transport = Make(role, out var peer);
        var starting = transport.StartAsync(default).AsTask();
        await new Script(peer.Output).LineAsync(lines);
        await peer.Output.CompleteAsync();
        Assert.Equal(SshOutcome.PeerGone, await starting);
        Assert.Equal(version, transport.PeerVersion);
        await transport.DisposeAsync();
    }

    [Fact]
    public async Task ALineMayEndWithoutACarriageReturnAndBeAsLongAs255Bytes()
    {
        var transport = Make(SshRole.Server, out var peer);
        var version = "SSH-2.0-".PadRight(254, 'x');
        await peer.Output.WriteAsync(Encoding.ASCII.GetBytes(version + "\n"));
        await peer.Output.CompleteAsync();
        Assert.Equal(SshOutcome.PeerGone, await transport.StartAsync(default));
        Assert.Equal(version, transport.PeerVersion);
        await transport.DisposeAsync();
    }

    private static SshTransport Make(SshRole role, out CableEnd peer)
    {
        var (client, server) = Cable.Straight();
        peer = role == SshRole.Server ? client : server;
        return new SshTransport(role == SshRole.Server ? server : client,
            role == SshRole.Server ? Pair.ServerOptions : Pair.ClientOptions, TimeProvider.System);
    }
}
