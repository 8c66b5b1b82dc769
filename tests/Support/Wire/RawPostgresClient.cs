using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sallyport.Testing.Runners;

namespace Sallyport.Testing.Wire;

/// <summary>
/// A PostgreSQL client that sends exactly the bytes it is told to and gives back every message as it came.
/// Reads give up after ten seconds; a closed connection is <see cref="EndOfStreamException"/>.
/// </summary>
public sealed class RawPostgresClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private Stream _stream;

    private RawPostgresClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>The server's process id and secret key, from BackendKeyData: 4 bytes in protocol 3.0, up to 256 in 3.2.</summary>
    public (int ProcessId, byte[] Secret) CancelKey { get; private set; }

    /// <param name="host">The server's.</param>
    /// <param name="port">The server's.</param>
    /// <param name="source">Of this machine's addresses the one to come from; null leaves it to the system.</param>
    public static async Task<RawPostgresClient> ConnectAsync(string host, int port, IPAddress? source = null)
    {
        var socket = source is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(host, port);
            return new RawPostgresClient(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Connects, over TLS unless sslmode is disable (it needs the target's root certificate; sslnegotiation=direct asks for none first),
    /// logs in by whatever the server asks for, and reads up to the first ReadyForQuery.
    /// </summary>
    public static async Task<RawPostgresClient> LoginAsync(ConnectionTarget target, int protocol = Messages.ProtocolThreeZero, IPAddress? source = null)
    {
        var client = await ConnectAsync(target.Host, target.Port, source);
        try
        {
            if (target.SslMode != "disable" && target.SslNegotiation == "direct")
                await client.HandshakeAsync(target.RootCertificate!);
            else if (target.SslMode != "disable")
                await client.StartTlsAsync(target.RootCertificate!);
            await client.SendAsync(Messages.Startup(protocol, ("user", target.User), ("database", target.Database)));
            await client.AuthenticateAsync(target.Password);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public async Task SendAsync(params byte[][] messages)
    {
        await _stream.WriteAsync(Messages.Join(messages));
        await _stream.FlushAsync();
    }

    /// <summary>Sends the bytes as two writes, split at the offset, with the first on its way before the second is written.</summary>
    public async Task SendSplitAsync(byte[] bytes, int offset)
    {
        await SendAsync(bytes[..offset]);
        await Task.Delay(1);
        await SendAsync(bytes[offset..]);
    }

    /// <summary>Asks for TLS and does the handshake, trusting the authority in this PEM file.</summary>
    public async Task StartTlsAsync(string rootCertificate)
    {
        await SendAsync(Messages.Initial(Messages.SslRequest));
        var answer = (char)(await ReadBytesAsync(1))[0];
        if (answer != 'S')
            throw new InvalidOperationException($"The server answered the SSLRequest with '{answer}'.");
        await HandshakeAsync(rootCertificate);
    }

    /// <summary>The handshake alone: after a raw SSLRequest, or at once for sslnegotiation=direct.</summary>
    public async Task HandshakeAsync(string rootCertificate)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(rootCertificate);
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [new SslApplicationProtocol("postgresql")],
            CertificateChainPolicy = trust,
        });
        _stream = tls;
    }

    public async Task<byte[]> ReadBytesAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, patience.Token);
        return bytes;
    }

    public async Task<PostgresMessage> ReadAsync()
    {
        var header = await ReadBytesAsync(5);
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1));
        return new PostgresMessage((char)header[0], await ReadBytesAsync(length - 4));
    }

    /// <summary>Reads up to and including the first message of this type, e.g. Z.</summary>
    public async Task<List<PostgresMessage>> ReadThroughAsync(char type)
    {
        var messages = new List<PostgresMessage>();
        do
            messages.Add(await ReadAsync());
        while (messages[^1].Type != type);
        return messages;
    }

    /// <summary>Sends one simple query and reads its whole answer.</summary>
    public async Task<List<PostgresMessage>> QueryAsync(string sql)
    {
        await SendAsync(Messages.Query(sql));
        return await ReadThroughAsync('Z');
    }

    /// <summary>Reads until the server closes; true when it did within the patience, whatever it said before.</summary>
    public async Task<bool> IsClosedByServerAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(buffer, patience.Token) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Gives the logged-in connection away, for a reader of its own; this client must not be used afterwards.</summary>
    public Stream Detach() => _stream;

    /// <summary>Ends the connection with a TCP reset, as a killed client does.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>Answers authentication requests until the first ReadyForQuery; an ErrorResponse is thrown as its text.</summary>
    public async Task AuthenticateAsync(string password)
    {
        var scram = new ScramClient(password);
        while (true)
        {
            var message = await ReadAsync();
            switch (message.Type)
            {
                case 'E':
                    throw new InvalidOperationException($"{message.Field('C')}: {message.Field('M')}");
                case 'K':
                    CancelKey = (BinaryPrimitives.ReadInt32BigEndian(message.Body), message.Body[4..]);
                    break;
                case 'Z':
                    return;
                case 'R':
                    await AnswerAsync(message.Body, password, scram);
                    break;
            }
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task AnswerAsync(byte[] request, string password, ScramClient scram)
    {
        var data = Encoding.UTF8.GetString(request.AsSpan(4));
        switch (BinaryPrimitives.ReadInt32BigEndian(request))
        {
            case 3:
                await SendAsync(Messages.Message('p', Messages.CString(password)));
                break;
            case 10:
                var first = Encoding.UTF8.GetBytes(scram.First);
                await SendAsync(Messages.Message('p', Messages.CString("SCRAM-SHA-256"), Messages.Int32(first.Length), first));
                break;
            case 11:
                await SendAsync(Messages.Message('p', Encoding.UTF8.GetBytes(scram.Final(data))));
                break;
            case 12 when !scram.Trusts(data):
                throw new InvalidOperationException("The server's SCRAM signature is wrong.");
        }
    }
}
