using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>A client that proves itself properly, if the test wants it, and then says what it likes.</summary>
internal sealed class RawClient : RawPeer
{
    private RawClient(SocketPipe socket, SshTransport transport)
        : base(socket, transport)
    {
    }

    /// <summary>Connected; not even a version was sent.</summary>
    public static async Task<RawClient> ConnectAsync(SshGateway gateway)
    {
        var socket = await Dialer.TcpAsync("127.0.0.1", gateway.Gateway.Port, SocketLoops.Next(), default);
        var options = new SshTransportOptions { Role = SshRole.Client, HostKeyVerifier = new AnyHost() };
        return new RawClient(socket, new SshTransport(socket, options, TimeProvider.System));
    }

    public static async Task<RawClient> LogInAsync(SshGateway gateway, string login = "eng+web1")
    {
        var client = await ConnectAsync(gateway);
        await client.StartAsync();
        using var key = PrivateKeySigner.Load(await File.ReadAllBytesAsync(gateway.KeyOf(login.Split('+')[0])));
        var credentials = new ClientCredentials { User = login, Signers = [key] };
        var result = await new ClientAuthentication(client.Transport, credentials).RunAsync(client.Patience);
        Assert.True(result.IsAccepted, result.Fault);
        return client;
    }

    /// <summary>Opens a session channel; gives the gateway's number.</summary>
    public async Task<uint> OpenAsync(uint number = 0, uint window = Say.Window)
    {
        await SendAsync(Say.Open(number, window: window));
        return Say.NumberAt(await UntilAsync(MessageNumber.ChannelOpenConfirmation), 1);
    }

    /// <summary>A session channel with a command on it.</summary>
    public async Task<uint> RunAsync(string command, uint window = Say.Window)
    {
        var channel = await OpenAsync(window: window);
        await SendAsync(Say.Exec(channel, command));
        await UntilAsync(MessageNumber.ChannelSuccess);
        return channel;
    }

    /// <summary>What a command says on its output until its channel closes.</summary>
    public async Task<string> OutputAsync()
    {
        var output = new System.Text.StringBuilder();
        while (true)
        {
            var message = await ReadAsync();
            if (message[0] == (byte)MessageNumber.ChannelClose)
                return output.ToString();
            if (message[0] == (byte)MessageNumber.ChannelData)
                output.Append(System.Text.Encoding.Latin1.GetString(message.AsSpan(9)));
        }
    }

    private sealed class AnyHost : IHostKeyVerifier
    {
        public IReadOnlyList<string> Algorithms => ["ssh-ed25519"];

        public string? FindFault(string algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> signedData) => null;
    }
}
