using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>
/// A peer of the gateway's that says what the test wants, over the gateway's own transport. Whatever waits longer than a minute throws.
/// </summary>
internal abstract class RawPeer(SocketPipe socket, SshTransport transport) : IAsyncDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));

    public SshTransport Transport => transport;

    protected CancellationToken Patience => _patience.Token;

    /// <summary>Exchanges keys.</summary>
    public async Task StartAsync() => Assert.True(await transport.StartAsync(Patience) == SshOutcome.Open, transport.OutcomeText);

    public async Task SendAsync(params SshWriter[] messages)
    {
        foreach (var message in messages)
            Assert.True(await transport.SendAsync(message.WrittenMemory, Patience), transport.OutcomeText);
    }

    /// <summary>Sends what it can: the gateway may have ended the connection, which the test then finds.</summary>
    public async Task TrySendAsync(IEnumerable<SshWriter> messages)
    {
        foreach (var message in messages)
        {
            if (!await transport.SendAsync(message.WrittenMemory, Patience))
                return;
        }
    }

    /// <summary>The next message.</summary>
    public async Task<byte[]> ReadAsync()
    {
        Assert.True(await transport.ReadAsync(Patience), transport.OutcomeText);
        return transport.Message.ToArray();
    }

    /// <summary>The next message of that number; others are passed over.</summary>
    public async Task<byte[]> UntilAsync(MessageNumber number)
    {
        while (true)
        {
            var message = await ReadAsync();
            if (message[0] == (byte)number)
                return message;
        }
    }

    /// <summary>The numbers of that many messages, WINDOW_ADJUST left out.</summary>
    public async Task<MessageNumber[]> NumbersAsync(int count)
    {
        var numbers = new List<MessageNumber>();
        while (numbers.Count < count)
        {
            var number = (MessageNumber)(await ReadAsync())[0];
            if (number != MessageNumber.ChannelWindowAdjust)
                numbers.Add(number);
        }
        return [.. numbers];
    }

    /// <summary>Reads until the gateway ends the connection; says how.</summary>
    public async Task<(SshOutcome Outcome, DisconnectReason Reason)> EndAsync()
    {
        while (await transport.ReadAsync(Patience))
        {
        }
        return (transport.Outcome, transport.OutcomeReason);
    }

    /// <summary>
    /// Sends what it can and says how the gateway ended the connection. Read meanwhile: who only writes until the connection is reset does
    /// not hear the last word.
    /// </summary>
    public async Task<(SshOutcome Outcome, DisconnectReason Reason)> EndAfterAsync(IEnumerable<SshWriter> messages)
    {
        var end = EndAsync();
        await TrySendAsync(messages);
        return await end;
    }

    /// <summary>Gone without a word.</summary>
    public void Cut() => socket.Shutdown();

    public virtual async ValueTask DisposeAsync()
    {
        socket.Shutdown();
        await transport.DisposeAsync();
        socket.Dispose();
        _patience.Dispose();
    }
}

/// <summary>Messages of RFC 4254 as tests write them.</summary>
internal static class Say
{
    public const uint Window = 1 << 21;

    public static SshWriter Open(uint number, string type = "session", uint window = Window, uint maxPacket = 32768) =>
        new SshWriter().Begin(MessageNumber.ChannelOpen).String(type).UInt32(number).UInt32(window).UInt32(maxPacket);

    public static SshWriter Confirm(uint channel, uint number, uint window = Window, uint maxPacket = 32768) =>
        new SshWriter().Begin(MessageNumber.ChannelOpenConfirmation).UInt32(channel).UInt32(number).UInt32(window).UInt32(maxPacket);

    public static SshWriter Data(uint channel, int length, byte content = (byte)'x') =>
        new SshWriter(length + 16).Begin(MessageNumber.ChannelData).UInt32(channel).String(Enumerable.Repeat(content, length).ToArray());

    public static SshWriter Adjust(uint channel, uint bytes) => Of(MessageNumber.ChannelWindowAdjust, channel).UInt32(bytes);

    /// <summary>A message that has nothing but its channel.</summary>
    public static SshWriter Of(MessageNumber number, uint channel) => new SshWriter().Begin(number).UInt32(channel);

    public static SshWriter Request(uint channel, string name, bool wantsReply = true) =>
        Of(MessageNumber.ChannelRequest, channel).String(name).Boolean(wantsReply);

    public static SshWriter Exec(uint channel, string command) => Request(channel, "exec").String(command);

    public static SshWriter Global(string name, bool wantsReply = true) =>
        new SshWriter().Begin(MessageNumber.GlobalRequest).String(name).Boolean(wantsReply);

    /// <summary>A number behind a message's own; the first says for whom it is.</summary>
    public static uint NumberAt(byte[] message, int at = 0) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(1 + (4 * at)));
}
