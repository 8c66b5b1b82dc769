using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sallyport.Ssh.Transport.Packets;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport;

public sealed partial class SshTransport
{
    private readonly PacketReader _packets;
    private ReadOnlySequence<byte> _buffer;
    private ReadOnlyMemory<byte> _message;
    private bool _isHeld;
    private bool _isInputOver;

    private enum Found
    {
        Nothing,
        Own,
        Message,
    }

    /// <summary>The peer's version line without its end, e.g. <c>SSH-2.0-OpenSSH_9.2</c>; empty before it came.</summary>
    public string PeerVersion { get; private set; } = "";

    /// <summary>The server-sig-algs that the peer sent (RFC 8308 §3.1); null when it sent none.</summary>
    public IReadOnlyList<string>? PeerSignatureAlgorithms { get; private set; }

    /// <summary>The payload of the last read, first its message number. Valid until the next read.</summary>
    public ReadOnlyMemory<byte> Message => _message;

    /// <summary>Exchanges versions and the first keys. <see cref="SshOutcome.Open"/>: it may be read and written now.</summary>
    public async ValueTask<SshOutcome> StartAsync(CancellationToken cancellationToken)
    {
        Begin();
        var skipped = 0;
        while (_outcome == SshOutcome.Open && PeerVersion.Length == 0)
        {
            var status = VersionExchange.TryRead(ref _buffer, _options.Role, ref skipped, out var version);
            PeerVersion = version;
            if (status == VersionExchange.Status.Bad)
                Violation("not an SSH 2.0 version line", DisconnectReason.ProtocolVersionNotSupported);
            else if (status == VersionExchange.Status.Incomplete)
                await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
        while (_outcome == SshOutcome.Open && !_hasKeys)
        {
            if (Step() == Found.Nothing)
                await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
        return _outcome;
    }

    /// <summary>The next message that is not the transport's own. False: it is over, see <see cref="Outcome"/>.</summary>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken) =>
        TryRead() ? new ValueTask<bool>(true) : ReceiveMessageAsync(cancellationToken);

    /// <summary>
    /// The next message if it has arrived already. False: none, or it is over; <see cref="ReadAsync"/> tells which.
    /// </summary>
    public bool TryRead()
    {
        Found found;
        do
            found = Step();
        while (found == Found.Own);
        return found == Found.Message;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReceiveMessageAsync(CancellationToken cancellationToken)
    {
        while (_outcome == SshOutcome.Open)
        {
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (TryRead())
                return true;
        }
        return false;
    }

    /// <summary>Gives back what was read and waits for more.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_isInputOver)
        {
            End(SshOutcome.PeerGone, DisconnectReason.ConnectionLost, "the connection ended", isTold: false);
            return;
        }
        _message = default;
        if (_isHeld)
        {
            _isHeld = false;
            _pipe.Input.AdvanceTo(_buffer.Start, _buffer.End);
            _buffer = default;
        }
        try
        {
            var result = await _pipe.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
            _buffer = result.Buffer;
            _isHeld = true;
            _isInputOver = result.IsCompleted;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            End(SshOutcome.PeerGone, DisconnectReason.ConnectionLost, "the connection was lost", isTold: false);
        }
    }

    private Found Step()
    {
        if (_outcome != SshOutcome.Open)
            return Found.Nothing;
        switch (_packets.TryRead(ref _buffer, out _message))
        {
            case PacketStatus.Complete:
                return Accept();
            case PacketStatus.Incomplete:
                return Found.Nothing;
            case PacketStatus.BadLength:
                Violation("a packet's length is out of bounds");
                return Found.Nothing;
            case PacketStatus.BadTag:
                Violation("a packet was changed on its way", DisconnectReason.MacError);
                return Found.Nothing;
            default:
                Violation("a packet's padding is out of bounds");
                return Found.Nothing;
        }
    }

    private Found Accept()
    {
        var message = _message.Span;
        var number = (MessageNumber)message[0];
        if (!NoticeUse())
            return Found.Nothing;
        if (IsPeerExchanging)
        {
            AcceptInExchange(number, message);
            return Found.Own;
        }
        if (IsOfUpperLayers(number))
            return Found.Message;
        switch (number)
        {
            case MessageNumber.KexInit:
                AcceptKexInit(message);
                break;
            case MessageNumber.ExtInfo:
                AcceptExtInfo(message);
                break;
            case MessageNumber.NewKeys or (>= (MessageNumber)30 and <= (MessageNumber)49):
                Violation($"message {message[0]} without a key exchange");
                break;
            default:
                AcceptAlways(number, message);
                break;
        }
        return Found.Own;
    }

    /// <summary>Between the peer's KEXINIT and its NEWKEYS, and before the first (RFC 4253 §7.1).</summary>
    private void AcceptInExchange(MessageNumber number, ReadOnlySpan<byte> message)
    {
        if (number == MessageNumber.KexInit)
            AcceptKexInit(message);
        else if (number == MessageNumber.NewKeys)
            AcceptNewKeys(message);
        else if (number is >= (MessageNumber)30 and <= (MessageNumber)49)
            AcceptKexMessage(number, message);
        else if (number == MessageNumber.Disconnect
            || (number is MessageNumber.Ignore or MessageNumber.Debug or MessageNumber.Unimplemented && (_hasKeys || !IsStrict)))
            AcceptAlways(number, message);
        else
            Violation($"message {message[0]} during a key exchange", DisconnectReason.KeyExchangeFailed);
    }

    private void AcceptAlways(MessageNumber number, ReadOnlySpan<byte> message)
    {
        switch (number)
        {
            case MessageNumber.Ignore or MessageNumber.Debug or MessageNumber.Unimplemented:
                return;
            case MessageNumber.Disconnect:
                var reader = new SshReader(message[1..]);
                reader.TryReadUInt32(out var reason);
                reader.TryReadString(out var words);
                End(SshOutcome.PeerDisconnected, (DisconnectReason)reason, Printable(words), isTold: false);
                return;
            default:
                Span<byte> answer = stackalloc byte[5];
                answer[0] = (byte)MessageNumber.Unimplemented;
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(answer[1..], _packets.Sequence - 1);
                Post(answer);
                return;
        }
    }

    /// <summary>
    /// RFC 8308 §2.4: the message after the first NEWKEYS, and from a server also one before the authentication ends. Anywhere else it
    /// is an attempt to change what was agreed (CVE-2023-46445).
    /// </summary>
    private void AcceptExtInfo(ReadOnlySpan<byte> message)
    {
        var isDue = _packets.Packets == _firstKeysAt + 1 || (_options.Role == SshRole.Client && !IsAuthenticated);
        if (!isDue || !ExtInfo.TryParse(message, out var signatures))
            Violation("an EXT_INFO that is not due or not well-formed");
        else
            PeerSignatureAlgorithms = signatures ?? PeerSignatureAlgorithms;
    }

    private static bool IsOfUpperLayers(MessageNumber number) => (byte)number switch
    {
        >= 90 and <= 100 or >= 80 and <= 82 or >= 50 and <= 53 or 60 or 61 or 5 or 6 => true,
        _ => false,
    };
}
