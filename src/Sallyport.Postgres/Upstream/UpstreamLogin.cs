using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Sallyport.Core;
using Sallyport.Postgres.Authentication;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Upstream;

/// <summary>
/// Startup and authentication towards one upstream (PostgreSQL manual, "Message Flow: Start-up"), up to the first ReadyForQuery.
/// The secret goes out in clear only under TLS.
/// </summary>
internal sealed partial class UpstreamLogin
{
    private const int MaxBody = 64 * 1024;

    private readonly PostgresResource _resource;
    private readonly UpstreamConnection _connection;
    private readonly ILogger _log;

    public UpstreamLogin(PostgresResource resource, UpstreamConnection connection, ILogger log)
    {
        _resource = resource;
        _connection = connection;
        _log = log;
    }

    public async ValueTask<UpstreamFault> RunAsync(IReadOnlyList<KeyValuePair<string, string>> parameters,
        CancellationToken cancellationToken)
    {
        WriteStartup(parameters);
        await _connection.Output.FlushAsync(cancellationToken);
        ScramClient? scram = null;
        var isServerProved = true;
        try
        {
            while (true)
            {
                var message = await MessageStream.ReadAsync(_connection.Input, MaxBody, cancellationToken);
                switch (message.Type)
                {
                    case ServerMessage.Authentication when message.Body.Length >= 4:
                        var kind = BinaryPrimitives.ReadInt32BigEndian(message.Body);
                        if (kind == 0)
                        {
                            if (!isServerProved)
                                return Malformed("log-in was declared complete before the server proved itself");
                            break;
                        }
                        isServerProved = kind is not (10 or 11) && isServerProved;
                        var data = message.Body.AsMemory(4);
                        var fault = kind switch
                        {
                            3 => Password(clear: true, default),
                            5 when data.Length == 4 => Password(clear: false, data),
                            10 => StartScram(data, out scram),
                            11 => await ContinueScramAsync(scram, data),
                            12 => scram is not null && (isServerProved = scram.Verify(data.Span))
                                ? UpstreamFault.None
                                : Malformed("the server's SCRAM proof is wrong"),
                            _ => Malformed($"authentication method {kind} is not supported"),
                        };
                        if (fault != UpstreamFault.None)
                            return fault;
                        await _connection.Output.FlushAsync(cancellationToken);
                        break;
                    case ServerMessage.ErrorResponse:
                        return Refused(message.Body);
                    case ServerMessage.ParameterStatus:
                        if (!TryParameter(message.Body))
                            return Malformed("a ParameterStatus cannot be read");
                        break;
                    case ServerMessage.BackendKeyData when message.Body.Length is >= 8 and <= 4 + 256:
                        _connection.ProcessId = BinaryPrimitives.ReadInt32BigEndian(message.Body);
                        _connection.CancelKey = message.Body[4..];
                        break;
                    case ServerMessage.NoticeResponse or ServerMessage.NegotiateProtocolVersion:
                        break;
                    case ServerMessage.ReadyForQuery when isServerProved:
                        return UpstreamFault.None;
                    default:
                        return message.IsEnd
                            ? Malformed("it closed the connection or broke the protocol")
                            : Malformed($"message '{(char)message.Type}' during log-in");
                }
            }
        }
        finally
        {
            scram?.Dispose();
        }
    }

    private void WriteStartup(IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var body = new ArrayBufferWriter<byte>(256);
        BinaryPrimitives.WriteInt32BigEndian(body.GetSpan(8)[4..], StartupCode.Protocol30);
        body.Advance(8);
        Pair(body, "user", _resource.User);
        Pair(body, "database", _resource.Database);
        foreach (var (name, value) in parameters)
            Pair(body, name, value);
        body.Write("\0"u8);
        var target = _connection.Output.GetSpan(body.WrittenCount);
        body.WrittenSpan.CopyTo(target);
        BinaryPrimitives.WriteInt32BigEndian(target, body.WrittenCount);
        _connection.Output.Advance(body.WrittenCount);
    }

    private static void Pair(ArrayBufferWriter<byte> body, string name, string value)
    {
        body.Write(Encoding.UTF8.GetBytes(name));
        body.Write("\0"u8);
        body.Write(Encoding.UTF8.GetBytes(value));
        body.Write("\0"u8);
    }

    private UpstreamFault Password(bool clear, ReadOnlyMemory<byte> salt)
    {
        if (clear && _connection.Tls is null && !_resource.Host.StartsWith('/'))
            return Malformed("it asks for the password in clear without TLS");
        using var secret = _resource.Password?.Open();
        if (secret is null)
            return NoCredential();
        byte[] answer = clear ? [.. secret.Value, 0] : [.. PasswordHash.Md5(secret.Value, _resource.User, salt.Span), 0];
        MessageWriter.Write(_connection.Output, ClientMessage.Password, answer);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(answer);
        return UpstreamFault.None;
    }

    private UpstreamFault StartScram(ReadOnlyMemory<byte> mechanisms, out ScramClient? scram)
    {
        scram = null;
        var offered = Encoding.ASCII.GetString(mechanisms.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var binding = offered.Contains(ScramServer.MechanismPlus) && _connection.Tls?.RemoteCertificate is X509Certificate2 certificate
            ? ChannelBinding.Of(certificate)
            : null;
        if (binding is null && !offered.Contains(ScramServer.Mechanism))
            return Malformed("it offers no SCRAM-SHA-256");
        using var secret = _resource.Password?.Open();
        if (secret is null)
            return NoCredential();
        scram = new ScramClient(secret.Value, binding);
        var first = scram.First();
        var name = binding is null ? ScramServer.Mechanism : ScramServer.MechanismPlus;
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, first.Length);
        MessageWriter.Write(_connection.Output, ClientMessage.Password, [.. Encoding.ASCII.GetBytes(name), 0, .. length, .. first]);
        return UpstreamFault.None;
    }

    private async ValueTask<UpstreamFault> ContinueScramAsync(ScramClient? scram, ReadOnlyMemory<byte> serverFirst)
    {
        if (scram is null)
            return Malformed("SCRAM continued before it began");
        // PBKDF2 takes milliseconds, and this may run on the thread that serves every other connection.
        var final = await Task.Run(() => scram.Final(serverFirst.Span));
        if (final is null)
            return Malformed("its SCRAM message cannot be read");
        MessageWriter.Write(_connection.Output, ClientMessage.Password, final);
        return UpstreamFault.None;
    }

    private bool TryParameter(byte[] body)
    {
        var reader = new BodyReader(body);
        if (!reader.TryCString(out var name) || !reader.TryCString(out var value))
            return false;
        _connection.Report(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value));
        return true;
    }

    private UpstreamFault Refused(byte[] body)
    {
        var view = new DiagnosticView(body);
        var code = Encoding.ASCII.GetString(view.SqlState);
        LogRefused(_resource.Name, code, view.Message);
        return code switch
        {
            "28P01" or "28000" => UpstreamFault.CredentialRefused,
            "3D000" => UpstreamFault.DatabaseMissing,
            "53300" => UpstreamFault.TooManyConnections,
            "57P01" or "57P02" or "57P03" => UpstreamFault.StartingOrStopping,
            _ => UpstreamFault.Refused,
        };
    }

    private UpstreamFault NoCredential()
    {
        LogNoCredential(_resource.Name, _resource.Password?.Description ?? "(none configured)");
        return UpstreamFault.CredentialMissing;
    }

    private UpstreamFault Malformed(string what)
    {
        LogMalformed(_resource.Name, what);
        return UpstreamFault.Malformed;
    }

    [LoggerMessage(2010, LogLevel.Error, "Upstream of {Resource} refused the gateway's log-in: {Code} {Reason}")]
    private partial void LogRefused(string resource, string code, string reason);

    [LoggerMessage(2011, LogLevel.Error, "Upstream of {Resource} asks for a secret and {Source} has none")]
    private partial void LogNoCredential(string resource, string source);

    [LoggerMessage(2012, LogLevel.Error, "Upstream of {Resource} broke the protocol during log-in: {What}")]
    private partial void LogMalformed(string resource, string what);
}
