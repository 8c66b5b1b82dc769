using System.Text;
using Sallyport.Ssh.Transport.Ciphers;
using Sallyport.Ssh.Transport.Kex;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport;

public sealed partial class SshTransport
{
    // The reader's.
    private KexInit? _peerInit;
    private KeyExchange? _exchange;
    private PacketCipher? _nextReceive;
    private bool _skipsGuess;
    private bool _hasKeys;
    private bool _hasPeerRekeyed;
    private long _firstKeysAt;
    private long _receivedBytes;
    private long _receivedPackets;

    // Under the lock.
    private KexInit? _ownInit;
    private PacketCipher? _nextSend;
    private long _sentBytes;
    private long _sentPackets;
    private long _kexStarted;

    /// <summary>The exchange hash of the first key exchange.</summary>
    public ReadOnlyMemory<byte> SessionId { get; private set; }

    /// <summary>What the last key exchange agreed on; null before the first.</summary>
    public NegotiatedAlgorithms? Negotiated { get; private set; }

    /// <summary>Both sides know the strict key exchange (CVE-2023-48795).</summary>
    public bool IsStrict { get; private set; }

    /// <summary>
    /// Packets can be cut from the beginning unnoticed (CVE-2023-48795): the peer knows no strict key exchange, and the cipher is
    /// ChaCha20-Poly1305 or the MAC comes after the encryption. Whether that is refused is the caller's rule.
    /// </summary>
    public bool IsOpenToTerrapin => !IsStrict && Negotiated is { } n
        && new[] { n.CipherToServer, n.CipherToClient, n.MacToServer, n.MacToClient }.Any(name =>
            name.StartsWith("chacha20-", StringComparison.Ordinal) || name.EndsWith("-etm@openssh.com", StringComparison.Ordinal));

    /// <summary>The server's key blob; in the server's role its own that was used.</summary>
    public ReadOnlyMemory<byte> HostKey { get; private set; }

    /// <summary>New keys are being made, asked for by either side.</summary>
    internal bool IsExchanging => Volatile.Read(ref _ownInit) is not null;

    private bool IsPeerExchanging => _peerInit is not null || !_hasKeys;

    /// <summary>Asks for new keys. Thread-safe; nothing is changed while new keys are made already.</summary>
    public void Rekey()
    {
        lock (_sending)
        {
            if (_outcome != SshOutcome.Open || !_hasKeys)
                return;
            BeginExchange();
        }
        Pump();
    }

    /// <summary>The first words of the connection: the version line and KEXINIT in one flight.</summary>
    private void Begin()
    {
        lock (_sending)
        {
            var line = Encoding.ASCII.GetBytes(VersionExchange.Own + "\r\n", _pipe.Output.GetSpan(64));
            _pipe.Output.Advance(line);
            BeginExchange();
        }
        Pump();
    }

    /// <summary>Under the lock.</summary>
    private void BeginExchange()
    {
        if (_ownInit is not null)
            return;
        _ownInit = KexInit.Own(_options, isFirst: !_hasKeys);
        _isGateClosed = true;
        _own.Enqueue(_ownInit.Payload);
        _kexStarted = _time.GetTimestamp();
        ArmTimer(_options.KexTimeout);
    }

    private void AcceptKexInit(ReadOnlySpan<byte> message)
    {
        if (_peerInit is not null)
        {
            Violation("a second KEXINIT in one key exchange", DisconnectReason.KeyExchangeFailed);
            return;
        }
        if (IsAbuse())
        {
            End(SshOutcome.RekeyAbuse, DisconnectReason.KeyExchangeFailed, "new keys were asked for too often");
            return;
        }
        if (!KexInit.TryParse(message, out _peerInit))
        {
            Violation("a KEXINIT that is not well-formed", DisconnectReason.KeyExchangeFailed);
            return;
        }
        var isServer = _options.Role == SshRole.Server;
        if (!_hasKeys)
        {
            IsStrict = _options.IsStrictOffered && _peerInit.Kex.Contains(isServer ? KexInit.StrictClient : KexInit.StrictServer);
            if (IsStrict && _packets.Packets != 1)
            {
                Violation("a message before KEXINIT", DisconnectReason.KeyExchangeFailed);
                return;
            }
        }
        lock (_sending)
            BeginExchange();
        var own = _ownInit!;
        var (client, server) = isServer ? (_peerInit, own) : (own, _peerInit);
        if (Negotiation.Choose(client, server, out var missing) is not { } chosen)
        {
            End(SshOutcome.NoCommonAlgorithm, DisconnectReason.KeyExchangeFailed, $"no {missing} in common");
            return;
        }
        _skipsGuess = _peerInit.FirstKexPacketFollows && !Negotiation.IsGuessRight(client, server);
        var (clientVersion, serverVersion) = isServer ? (PeerVersion, VersionExchange.Own) : (VersionExchange.Own, PeerVersion);
        _exchange = new KeyExchange(_options, chosen, clientVersion, serverVersion, client, server);
        if (!isServer)
            SendOwn(_exchange.Open());
        Pump();
    }

    private void AcceptKexMessage(MessageNumber number, ReadOnlySpan<byte> message)
    {
        if (_peerInit is not null && _skipsGuess)
        {
            _skipsGuess = false;
            return;
        }
        var isServer = _options.Role == SshRole.Server;
        if (_exchange is null || _nextReceive is not null || number != (isServer ? MessageNumber.KexInitial : MessageNumber.KexReply))
            Violation($"message {message[0]} out of turn", DisconnectReason.KeyExchangeFailed);
        else if (isServer)
            Answer(_exchange, message);
        else
            Finish(_exchange, message);
    }

    private void Answer(KeyExchange exchange, ReadOnlySpan<byte> message)
    {
        if (!exchange.TryAnswer(message, out var answer))
        {
            Violation("a public value that is not valid", DisconnectReason.KeyExchangeFailed);
            return;
        }
        HostKey = exchange.HostKey;
        SendOwn(answer);
        SendNewKeys(exchange);
    }

    private void Finish(KeyExchange exchange, ReadOnlySpan<byte> message)
    {
        if (!exchange.TryFinish(message, out var fault))
        {
            Violation("a public value that is not valid", DisconnectReason.KeyExchangeFailed);
            return;
        }
        if (_hasKeys && !HostKey.Span.SequenceEqual(exchange.HostKey))
            fault ??= "the server shows another key than when the connection began";
        if (fault is not null)
        {
            End(SshOutcome.HostKeyRefused, DisconnectReason.HostKeyNotVerifiable, fault);
            return;
        }
        HostKey = exchange.HostKey;
        SendNewKeys(exchange);
    }

    private void SendNewKeys(KeyExchange exchange)
    {
        if (!_hasKeys)
            SessionId = exchange.Hash;
        lock (_sending)
        {
            (_nextSend, _nextReceive) = exchange.MakeCiphers(SessionId.Span);
            _own.Enqueue([(byte)MessageNumber.NewKeys]);
            if (!_hasKeys && _options.Role == SshRole.Server && _peerInit!.Kex.Contains(KexInit.ExtInfoClient))
                _own.Enqueue(ExtInfo.Make(_options.UserSignatures));
        }
        Pump();
    }

    private void AcceptNewKeys(ReadOnlySpan<byte> message)
    {
        if (_nextReceive is null || message.Length != 1)
        {
            Violation("NEWKEYS out of turn", DisconnectReason.KeyExchangeFailed);
            return;
        }
        _packets.Use(_nextReceive, IsStrict);
        _nextReceive = null;
        _receivedBytes = _packets.Bytes;
        _receivedPackets = _packets.Packets;
        if (!_hasKeys)
            _firstKeysAt = _packets.Packets;
        Negotiated = _exchange!.Chosen;
        _exchange.Dispose();
        _exchange = null;
        _peerInit = null;
        lock (_sending)
        {
            _hasKeys = true;
            _ownInit = null;
            _kexStarted = _time.GetTimestamp();
            ArmTimer(_options.RekeyInterval);
        }
    }

    /// <summary>From the reader, for each packet: asks for new keys in time. False: none came, and nothing may go on.</summary>
    private bool NoticeUse()
    {
        var packets = _packets.Packets - _receivedPackets;
        if (packets < _options.RekeyPackets && _packets.Bytes - _receivedBytes < _options.RekeyBytes)
            return true;
        if (packets >= _options.MaxPacketsPerKey)
        {
            End(SshOutcome.KeysExhausted, DisconnectReason.KeyExchangeFailed, "the keys were used too often");
            return false;
        }
        if (IsAuthenticated && !IsExchanging)
            Rekey();
        return true;
    }

    /// <summary>After each packet written, under the lock: whether the keys have been used as much as they should.</summary>
    private bool IsSendKeyWorn =>
        _writer.Bytes - _sentBytes >= _options.RekeyBytes || _writer.Packets - _sentPackets >= _options.RekeyPackets;

    /// <summary>Asks for new keys in time, and stops when none came.</summary>
    private void RenewSendKey()
    {
        if (_writer.Packets - _sentPackets >= _options.MaxPacketsPerKey)
            End(SshOutcome.KeysExhausted, DisconnectReason.KeyExchangeFailed, "the keys were used too often");
        else if (IsAuthenticated)
            Rekey();
    }

    private void CountFromHere()
    {
        _sentBytes = _writer.Bytes;
        _sentPackets = _writer.Packets;
    }

    /// <summary>Whether the peer may not ask for new keys again so soon. An answer to our own request is none of its.</summary>
    private bool IsAbuse()
    {
        if (!_hasKeys || IsExchanging)
            return false;
        var isEarly = _packets.Bytes - _receivedBytes + _writer.Bytes - _sentBytes < _options.PeerRekeyBytes
            && _time.GetElapsedTime(_kexStarted) < _options.PeerRekeyInterval;
        var isAbuse = isEarly && _hasPeerRekeyed;
        _hasPeerRekeyed = true;
        return isAbuse;
    }

    private void SendOwn(byte[] message)
    {
        lock (_sending)
            _own.Enqueue(message);
    }
}
