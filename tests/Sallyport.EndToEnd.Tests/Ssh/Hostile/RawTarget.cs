using System.Net;
using System.Net.Sockets;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>One connection of the gateway's to a target that lets it in and then says what it likes.</summary>
internal sealed class RawTarget(SocketPipe socket, SshTransport transport) : RawPeer(socket, transport)
{
    /// <summary>Its number of the channels that it confirms.</summary>
    public const uint Number = 7;

    /// <summary>Keys, and whoever comes is in.</summary>
    public async Task LetInAsync()
    {
        await StartAsync();
        await UntilAsync(MessageNumber.ServiceRequest);
        await SendAsync(new SshWriter().Begin(MessageNumber.ServiceAccept).String("ssh-userauth"));
        await UntilAsync(MessageNumber.UserAuthRequest);
        await SendAsync(new SshWriter().Begin(MessageNumber.UserAuthSuccess));
        Transport.IsAuthenticated = true;
    }

    /// <summary>Confirms the channel that is asked for next; gives the gateway's number.</summary>
    public async Task<uint> ConfirmAsync(uint window = Say.Window, uint number = Number)
    {
        var reader = new SshReader((await UntilAsync(MessageNumber.ChannelOpen)).AsSpan(1));
        Assert.True(reader.TryReadString(out _) & reader.TryReadUInt32(out var channel));
        await SendAsync(Say.Confirm(channel, number, window));
        return channel;
    }

    /// <summary>Confirms a channel and grants the request that comes on it.</summary>
    public async Task<uint> RunAsync(uint window = Say.Window)
    {
        var channel = await ConfirmAsync(window);
        await UntilAsync(MessageNumber.ChannelRequest);
        await SendAsync(Say.Of(MessageNumber.ChannelSuccess, channel));
        return channel;
    }
}

/// <summary>Where the resource <c>scripted</c> leads: each connection is a test's.</summary>
internal sealed class RawTargets : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RawTargets() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string HostKeyFile { get; set; } = "";

    /// <summary>The gateway's next connection. Nothing was said on it.</summary>
    /// <param name="rekeyBytes">How often it asks for new keys.</param>
    public async Task<RawTarget> AcceptAsync(long rekeyBytes = 1L << 30)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var socket = SocketPipe.Over(await _listener.AcceptSocketAsync(patience.Token), SocketLoops.Next());
        // The transport signs with it for as long as it lives.
        var key = PrivateKeySigner.Load(await File.ReadAllBytesAsync(HostKeyFile));
        var options = new SshTransportOptions { Role = SshRole.Server, HostKeys = [key], RekeyBytes = rekeyBytes };
        return new RawTarget(socket, new SshTransport(socket, options, TimeProvider.System));
    }

    /// <summary>A client that is in, and the target that let it.</summary>
    public async Task<(RawClient Client, RawTarget Target)> JoinAsync(SshGateway gateway, string login = "eng+scripted")
    {
        var client = RawClient.LogInAsync(gateway, login);
        var target = await AcceptAsync();
        await target.LetInAsync();
        return (await client, target);
    }

    /// <summary>The same, with a command running on a channel; the channel's number is the same on both legs.</summary>
    public async Task<(RawClient Client, RawTarget Target, uint Channel)> RunAsync(
        SshGateway gateway, uint window = Say.Window, uint targetWindow = Say.Window)
    {
        var (client, target) = await JoinAsync(gateway);
        var running = client.RunAsync("anything", window);
        await target.RunAsync(targetWindow);
        return (client, target, await running);
    }

    public void Dispose() => _listener.Dispose();
}
