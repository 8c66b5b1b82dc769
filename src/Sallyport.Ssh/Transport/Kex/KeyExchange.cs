using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sallyport.Ssh.Transport.Ciphers;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport.Kex;

/// <summary>
/// One key exchange after the algorithms are chosen (RFC 4253 §8, RFC 5656 §4): makes and takes its two messages, the exchange hash
/// and the keys. No I/O. Used once.
/// </summary>
internal sealed class KeyExchange : IDisposable
{
    private readonly SshTransportOptions _options;
    private readonly string _clientVersion;
    private readonly string _serverVersion;
    private readonly byte[] _clientInit;
    private readonly byte[] _serverInit;
    private readonly KeyAgreement _agreement;
    private byte[] _opened = [];
    private byte[] _secret = [];

    public KeyExchange(
        SshTransportOptions options, NegotiatedAlgorithms chosen, string clientVersion, string serverVersion, KexInit client,
        KexInit server)
    {
        _options = options;
        Chosen = chosen;
        _clientVersion = clientVersion;
        _serverVersion = serverVersion;
        _clientInit = client.Payload;
        _serverInit = server.Payload;
        _agreement = KeyAgreement.Create(chosen.Kex);
    }

    public NegotiatedAlgorithms Chosen { get; }

    /// <summary>H; set by the message that ends the exchange.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>The server's key blob.</summary>
    public byte[] HostKey { get; private set; } = [];

    /// <summary>The client's message: byte 30, string public value.</summary>
    public byte[] Open()
    {
        _opened = _agreement.Open();
        return new SshWriter().Begin(MessageNumber.KexInitial).String(_opened).Written.ToArray();
    }

    /// <summary>The server's answer: byte 31, string host key, string public value, string signature. False: not a good message.</summary>
    public bool TryAnswer(ReadOnlySpan<byte> message, [NotNullWhen(true)] out byte[]? answer)
    {
        answer = null;
        var reader = new SshReader(message[1..]);
        if (!reader.TryReadString(out var client) || !reader.IsAtEnd || !_agreement.TryAnswer(client, out var server, out var secret))
            return false;
        var signer = _options.HostKeys.First(k => k.Algorithms.Contains(Chosen.HostKey));
        HostKey = signer.PublicKey.ToArray();
        Conclude(client, server, secret);
        answer = new SshWriter(2048).Begin(MessageNumber.KexReply)
            .String(HostKey).String(server).String(signer.Sign(Chosen.HostKey, Hash)).Written.ToArray();
        return true;
    }

    /// <summary>The client takes the server's answer. False: not a good message.</summary>
    /// <param name="message">byte 31, string host key, string public value, string signature.</param>
    /// <param name="fault">Why the server is not the one that was meant; null when it is.</param>
    public bool TryFinish(ReadOnlySpan<byte> message, out string? fault)
    {
        fault = null;
        var reader = new SshReader(message[1..]);
        if (!reader.TryReadString(out var hostKey) || !reader.TryReadString(out var server) || !reader.TryReadString(out var signature)
            || !reader.IsAtEnd || !_agreement.TryFinish(server, out var secret))
            return false;
        HostKey = hostKey.ToArray();
        Conclude(_opened, server, secret);
        fault = _options.HostKeyVerifier!.FindFault(Chosen.HostKey, hostKey, signature, Hash);
        return true;
    }

    /// <summary>The new ciphers of both directions (RFC 4253 §7.2).</summary>
    public (PacketCipher Send, PacketCipher Receive) MakeCiphers(ReadOnlySpan<byte> sessionId)
    {
        var toServer = MakeCipher(Chosen.CipherToServer, Chosen.MacToServer, "ACE", sessionId);
        var toClient = MakeCipher(Chosen.CipherToClient, Chosen.MacToClient, "BDF", sessionId);
        return _options.Role == SshRole.Client ? (toServer, toClient) : (toClient, toServer);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_secret);
        _agreement.Dispose();
    }

    private void Conclude(ReadOnlySpan<byte> client, ReadOnlySpan<byte> server, byte[] secret)
    {
        _secret = secret;
        var text = new SshWriter(8192)
            .String(_clientVersion).String(_serverVersion).String(_clientInit).String(_serverInit)
            .String(HostKey).String(client).String(server).Bytes(secret);
        Hash = CryptographicOperations.HashData(_agreement.Hash, text.Written);
    }

    private PacketCipher MakeCipher(string cipher, string mac, string letters, ReadOnlySpan<byte> sessionId)
    {
        var suite = CipherSuite.Of(cipher);
        var iv = Derive(letters[0], suite.IvLength, sessionId);
        var key = Derive(letters[1], suite.KeyLength, sessionId);
        var macKey = Derive(letters[2], CipherSuite.MacKeyLength(mac), sessionId);
        var made = suite.Create(key, iv, mac, macKey);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(macKey);
        return made;
    }

    /// <summary>HASH(K || H || letter || session_id), then HASH(K || H || what there is) until it is long enough.</summary>
    private byte[] Derive(char letter, int length, ReadOnlySpan<byte> sessionId)
    {
        using var hash = IncrementalHash.CreateHash(_agreement.Hash);
        var made = new byte[length];
        for (var done = 0; done < length;)
        {
            hash.AppendData(_secret);
            hash.AppendData(Hash);
            if (done == 0)
            {
                hash.AppendData([(byte)letter]);
                hash.AppendData(sessionId);
            }
            else
            {
                hash.AppendData(made.AsSpan(0, done));
            }
            var block = hash.GetHashAndReset();
            var count = Math.Min(block.Length, length - done);
            block.AsSpan(0, count).CopyTo(made.AsSpan(done));
            CryptographicOperations.ZeroMemory(block);
            done += count;
        }
        return made;
    }
}
