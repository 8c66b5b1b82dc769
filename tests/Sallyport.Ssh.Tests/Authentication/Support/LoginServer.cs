using System.Collections.Concurrent;
using System.Net;
using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Authentication.Support;

/// <summary>A server for real clients: whoever proves himself and runs a command is told who he is.</summary>
internal sealed class LoginServer : IDisposable
{
    private readonly TcpCable _cable = new();
    private readonly IIdentityVerifier _identity;
    private readonly SshTransportOptions _options;

    public LoginServer(IIdentityVerifier identity, IReadOnlyList<ISigner> hostKeys)
    {
        _identity = identity;
        _options = new SshTransportOptions { Role = SshRole.Server, HostKeys = hostKeys };
        _ = AcceptAsync();
    }

    public int Port => _cable.Port;

    public ConcurrentQueue<RefusedProof> Refused { get; } = new();

    /// <summary>Said before the client is told that it is in, if there is any.</summary>
    public string? Banner { get; set; }

    public void Dispose() => _cable.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _cable.AcceptAsync());
        }
        catch (Exception e) when (e is ObjectDisposedException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Sallyport.Sockets.Pipes.SocketPipe pipe)
    {
        using var own = pipe;
        await using var transport = new SshTransport(pipe, _options, TimeProvider.System);
        if (await transport.StartAsync(default) != SshOutcome.Open)
            return;
        var authentication = new ServerAuthentication(transport, _identity, IPAddress.Loopback, TimeProvider.System, Refused.Enqueue);
        if (await authentication.NextAsync(default) is not { } user)
        {
            await pipe.LingerAsync(TimeSpan.FromSeconds(5));
            return;
        }
        if (Banner is not null)
            await authentication.SendBannerAsync(Banner, default);
        await authentication.AcceptAsync(default);
        var said = $"{user.Principal.Name} {user.Resource} {user.Method} {user.Certificate}".TrimEnd();
        while (await transport.ReadAsync(default))
        {
            foreach (var answer in Answer(transport.Message.Span, said))
                await transport.SendAsync(answer, default);
        }
    }

    private static List<byte[]> Answer(ReadOnlySpan<byte> message, string said)
    {
        var reader = new SshReader(message);
        reader.TryReadMessageNumber(out var number);
        switch (number)
        {
            case MessageNumber.GlobalRequest when reader.TryReadString(out _) && reader.TryReadBoolean(out var wants) && wants:
                return [[(byte)MessageNumber.RequestFailure]];
            case MessageNumber.ChannelOpen when reader.TryReadString(out _) && reader.TryReadUInt32(out var sender):
                return [new SshWriter().Begin(MessageNumber.ChannelOpenConfirmation).UInt32(sender).UInt32(sender).UInt32(1 << 20).UInt32(32768).Written.ToArray()];
            case MessageNumber.ChannelRequest when reader.TryReadUInt32(out var channel) && reader.TryReadString(out var type) &&
                reader.TryReadBoolean(out var wants):
                return Run(channel, type.SequenceEqual("exec"u8), wants, said);
            default:
                return [];
        }
    }

    private static List<byte[]> Run(uint channel, bool isExec, bool wantsReply, string said)
    {
        var answers = new List<byte[]>();
        if (wantsReply)
            answers.Add(new SshWriter().Begin(isExec ? MessageNumber.ChannelSuccess : MessageNumber.ChannelFailure).UInt32(channel).Written.ToArray());
        if (isExec)
        {
            answers.Add(new SshWriter().Begin(MessageNumber.ChannelData).UInt32(channel).String(said + "\n").Written.ToArray());
            answers.Add(new SshWriter().Begin(MessageNumber.ChannelRequest).UInt32(channel).String("exit-status").Boolean(false).UInt32(0).Written.ToArray());
            answers.Add(new SshWriter().Begin(MessageNumber.ChannelEof).UInt32(channel).Written.ToArray());
            answers.Add(new SshWriter().Begin(MessageNumber.ChannelClose).UInt32(channel).Written.ToArray());
        }
        return answers;
    }
}
