using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>
/// One channel of the connection protocol, just enough to send and receive a stream with a real peer: windows are kept, requests are
/// granted. Used by one reader and one writer.
/// </summary>
internal sealed class ChannelStream(SshTransport transport)
{
    private const uint Window = 1 << 20;
    private const int Piece = 32_000;

    private readonly SemaphoreSlim _credited = new(0);
    private readonly TaskCompletionSource _isOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _peerChannel;
    private long _window;
    private long _credit;
    private string? _program;

    public long Received { get; private set; }

    /// <summary>The sum of the bytes received; streams are told apart by it.</summary>
    public long Sum { get; private set; }

    /// <summary>Opens a session and runs a program on the server.</summary>
    public async Task OpenAsync(string program)
    {
        var open = new SshWriter().Begin(MessageNumber.ChannelOpen)
                    .String("session").UInt32(0).UInt32(Window).UInt32(32_768).Written.ToArray();
        Assert.True(await transport.SendAsync(open, default));
        _program = program;
    }

    /// <summary>Reads until the peer closes the channel or the connection.</summary>
    public async Task ReadAsync()
    {
        while (await transport.ReadAsync(default))
        {
            if (!Accept(transport.Message.Span))
                return;
        }
    }

    /// <summary>Sends that many bytes and an EOF as the window allows.</summary>
    public async Task SendAsync(long bytes, byte content)
    {
        await _isOpen.Task;
        var body = new byte[Piece];
        body.AsSpan().Fill(content);
        while (bytes > 0)
        {
            var length = (int)Math.Min(Math.Min(bytes, Piece), Interlocked.Read(ref _window));
            if (length == 0)
            {
                await _credited.WaitAsync();
                continue;
            }
            var head = new SshWriter().Begin(MessageNumber.ChannelData).UInt32(_peerChannel).UInt32((uint)length).Written.ToArray();
            while (!transport.TryWrite(head, body.AsSpan(0, length)))
                Assert.True(await transport.WaitWritableAsync(default), transport.OutcomeText);
            Assert.True(await transport.FlushAsync(default), transport.OutcomeText);
            Interlocked.Add(ref _window, -length);
            bytes -= length;
        }
        await SayAsync(MessageNumber.ChannelEof);
    }

    public async Task SayAsync(MessageNumber number) =>
        Assert.True(await transport.SendAsync(new SshWriter().Begin(number).UInt32(_peerChannel).Written.ToArray(), default));

    /// <summary>False: the channel is over.</summary>
    private bool Accept(ReadOnlySpan<byte> message)
    {
        var reader = new SshReader(message[1..]);
        var post = new SshWriter();
        switch ((MessageNumber)message[0])
        {
            case MessageNumber.ChannelOpen:
                Assert.True(reader.TryReadString(out _) & reader.TryReadUInt32(out _peerChannel) & reader.TryReadUInt32(out var window));
                Interlocked.Add(ref _window, window);
                transport.Post(post.Begin(MessageNumber.ChannelOpenConfirmation)
                    .UInt32(_peerChannel).UInt32(0).UInt32(Window).UInt32(32_768).Written);
                break;
            case MessageNumber.ChannelOpenConfirmation:
                Assert.True(reader.TryReadUInt32(out _) & reader.TryReadUInt32(out _peerChannel) & reader.TryReadUInt32(out window));
                Interlocked.Add(ref _window, window);
                transport.Post(post.Begin(MessageNumber.ChannelRequest)
                    .UInt32(_peerChannel).String("exec").Boolean(true).String(_program!).Written);
                break;
            case MessageNumber.ChannelRequest:
                Assert.True(reader.TryReadUInt32(out _) & reader.TryReadString(out var kind) & reader.TryReadBoolean(out var wantsReply));
                if (wantsReply)
                    transport.Post(post.Begin(MessageNumber.ChannelSuccess).UInt32(_peerChannel).Written);
                if (kind.SequenceEqual("exec"u8))
                    _isOpen.TrySetResult();
                break;
            case MessageNumber.ChannelSuccess:
                _isOpen.TrySetResult();
                break;
            case MessageNumber.ChannelWindowAdjust:
                Assert.True(reader.TryReadUInt32(out _) & reader.TryReadUInt32(out var more));
                Interlocked.Add(ref _window, more);
                _credited.Release();
                break;
            case MessageNumber.ChannelData:
                Assert.True(reader.TryReadUInt32(out _) & reader.TryReadString(out var data));
                Count(data);
                break;
            case MessageNumber.ChannelClose:
                return false;
        }
        return true;
    }

    private void Count(ReadOnlySpan<byte> data)
    {
        Received += data.Length;
        foreach (var b in data)
            Sum += b;
        _credit += data.Length;
        if (_credit < Window / 2)
            return;
        transport.Post(new SshWriter().Begin(MessageNumber.ChannelWindowAdjust).UInt32(_peerChannel).UInt32((uint)_credit).Written);
        _credit = 0;
    }
}
