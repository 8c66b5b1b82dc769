using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Sallyport.Core;
using Sallyport.Postgres.Authentication;
using Sallyport.Postgres.Wire;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Postgres.Startup;

public enum NegotiationOutcome : byte
{
    Startup,
    Cancel,

    /// <summary>The client went away or spoke something else; there is nobody to answer.</summary>
    Closed,

    /// <summary>Refused; <see cref="Negotiation.Refusal"/> is to be sent before closing.</summary>
    Refused,
}

/// <summary>How a connection began: the pipe to go on with (inside TLS when there is TLS), and what was asked.</summary>
public sealed record Negotiation(NegotiationOutcome Outcome, IDuplexPipe Pipe)
{
    public StartupPacket? Packet { get; init; }

    public SslStream? Tls { get; init; }

    /// <summary>What SCRAM-SHA-256-PLUS binds to; null without TLS.</summary>
    public byte[]? ChannelBinding { get; init; }

    public Diagnostic? Refusal { get; init; }
}

/// <summary>
/// The start of a client's connection (PostgreSQL manual, "SSL Session Encryption", "GSSAPI Session Encryption"): at most one
/// GSSENCRequest, answered N, and at most one TLS handshake, by SSLRequest or direct. Bytes in clear behind an SSLRequest are
/// never taken as protocol (CVE-2021-23214).
/// </summary>
public sealed class ClientNegotiator
{
    private static readonly SslApplicationProtocol Alpn = new("postgresql");

    private readonly Func<Task<SslStreamCertificateContext>> _certificate;
    private readonly bool _allowPlain;
    private IDuplexPipe _pipe;
    private SslStream? _tls;
    private byte[]? _binding;
    private bool _gssAsked;

    /// <param name="pipe">The connection's bytes.</param>
    /// <param name="certificate">The server certificate of the moment, with its chain; the handshake waits for it.</param>
    /// <param name="allowPlain">Whether a session without TLS may begin: on loopback only.</param>
    public ClientNegotiator(IDuplexPipe pipe, Func<Task<SslStreamCertificateContext>> certificate, bool allowPlain)
    {
        _pipe = pipe;
        _certificate = certificate;
        _allowPlain = allowPlain;
    }

    public async ValueTask<Negotiation> RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _pipe.Input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (_tls is null && !_gssAsked && !buffer.IsEmpty && buffer.FirstSpan[0] == TlsHandshakeRecord)
            {
                _pipe.Input.AdvanceTo(buffer.Start);
                if (!await StartTlsAsync(requireAlpn: true, cancellationToken))
                    return End(NegotiationOutcome.Closed);
                continue;
            }
            var read = StartupPacket.TryRead(buffer, out var packet, out var consumed);
            var hasMore = buffer.Length > consumed;
            if (read == StartupRead.Incomplete)
            {
                _pipe.Input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                    return End(NegotiationOutcome.Closed);
                continue;
            }
            _pipe.Input.AdvanceTo(buffer.GetPosition(consumed));
            if (read == StartupRead.UnsupportedVersion)
                return Refuse(Diagnostic.Fatal(SqlState.FeatureNotSupported,
                    "unsupported frontend protocol: the gateway speaks 3.0 to 3.2"));
            if (read == StartupRead.Malformed)
                return Refuse(Diagnostic.Fatal(SqlState.ProtocolViolation, "invalid startup packet"));
            switch (packet!.Kind)
            {
                case StartupKind.SslRequest when _tls is null && !hasMore:
                    await _pipe.Output.WriteAsync("S"u8.ToArray(), cancellationToken);
                    if (!await StartTlsAsync(requireAlpn: false, cancellationToken))
                        return End(NegotiationOutcome.Closed);
                    break;
                case StartupKind.GssEncryptionRequest when _tls is null && !_gssAsked && !hasMore:
                    _gssAsked = true;
                    await _pipe.Output.WriteAsync("N"u8.ToArray(), cancellationToken);
                    break;
                case StartupKind.SslRequest or StartupKind.GssEncryptionRequest:
                    return End(NegotiationOutcome.Closed);
                case StartupKind.CancelRequest:
                    return End(NegotiationOutcome.Cancel) with { Packet = packet };
                default:
                    if (_tls is null && !_allowPlain)
                        return Refuse(Diagnostic.Fatal(SqlState.InvalidAuthorization, "the gateway takes connections with TLS only",
                            "Connect with sslmode=require, or better verify-full with the gateway's CA as sslrootcert."));
                    return End(NegotiationOutcome.Startup) with { Packet = packet };
            }
        }
    }

    private const byte TlsHandshakeRecord = 0x16;

    private async ValueTask<bool> StartTlsAsync(bool requireAlpn, CancellationToken cancellationToken)
    {
        var certificate = await _certificate().WaitAsync(cancellationToken);
        var stream = new SslStream(new DuplexPipeStream(_pipe), leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate,
                    ApplicationProtocols = [Alpn],
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    AllowRenegotiation = false,
                },
                cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or InvalidOperationException)
        {
            await stream.DisposeAsync();
            return false;
        }
        // Without ALPN a browser could be made to speak to us (ALPACA); the server demands it of direct TLS as well.
        if (requireAlpn && stream.NegotiatedApplicationProtocol != Alpn)
        {
            await stream.DisposeAsync();
            return false;
        }
        _tls = stream;
        _binding = ChannelBinding.Of(certificate.TargetCertificate);
        _pipe = new TlsPipe(
            PipeReader.Create(stream, new StreamPipeReaderOptions(BlockPool.Instance, bufferSize: 32 * 1024, leaveOpen: true)),
            PipeWriter.Create(stream, new StreamPipeWriterOptions(BlockPool.Instance, leaveOpen: true)));
        return true;
    }

    private Negotiation End(NegotiationOutcome outcome) => new(outcome, _pipe) { Tls = _tls, ChannelBinding = _binding };

    private Negotiation Refuse(Diagnostic refusal) => End(NegotiationOutcome.Refused) with { Refusal = refusal };

    private sealed record TlsPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
