using System.Net;
using System.Text;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Authentication;

/// <summary>
/// The server's half of user authentication (RFC 4252, RFC 4256): <c>publickey</c>, <c>password</c>, <c>keyboard-interactive</c>. It is
/// the transport's only reader and writer until <see cref="AcceptAsync"/>. Whatever is wrong with a proof, the client sees the same
/// failure at the same time after it.
/// </summary>
/// <remarks>
/// Success is told by the caller, who opens the session first: so a resource that is forbidden looks like a wrong proof, and a session
/// that a person must approve is held here, with banners.
/// </remarks>
public sealed class ServerAuthentication
{
    /// <summary>Failed proofs after which the connection ends.</summary>
    public const int MaxAttempts = 6;

    /// <summary>Requests of all kinds: a client with many keys asks about each.</summary>
    private const int MaxRequests = 48;
    private const string Service = "ssh-connection";
    private const string Methods = "publickey,password,keyboard-interactive";
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(1);

    private readonly SshTransport _transport;
    private readonly TimeProvider _time;
    private readonly Action<RefusedProof> _refused;
    private readonly PublicKeyMethod _publicKey;
    private readonly SecretMethod _secret;
    private readonly SshWriter _writer = new();
    private byte[]? _user;
    private SshLogin? _login;
    private bool _hasService;
    private bool _isPrompting;
    private AuthenticatedUser? _proved;
    private long _requestedAt;
    private int _attempts;
    private int _requests;

    /// <param name="transport">Started, in the server's role.</param>
    /// <param name="identity">Whom keys and secrets prove.</param>
    /// <param name="client">Where the client is; certificates may be bound to it.</param>
    /// <param name="time">For delays and validity.</param>
    /// <param name="refused">Told of each proof that did not do: for the record, and to limit who guesses.</param>
    public ServerAuthentication(SshTransport transport, IIdentityVerifier identity, IPAddress client, TimeProvider time,
        Action<RefusedProof> refused)
    {
        _transport = transport;
        _time = time;
        _refused = refused;
        _publicKey = new PublicKeyMethod(identity, client, time);
        _secret = new SecretMethod(identity);
    }

    /// <summary>Told the name as soon as the client gives it; it proves nothing yet.</summary>
    public Action<SshLogin>? Named { get; init; }

    /// <summary>Why it ended without a success, for the log; null before that.</summary>
    public string? Fault { get; private set; }

    /// <summary>The name that the client gave; null before its first request.</summary>
    public SshLogin? Login => _login;

    /// <summary>
    /// The next proof that holds. Answer it with <see cref="AcceptAsync"/> or <see cref="RefuseAsync"/>. Null: the connection is over, and
    /// <see cref="Fault"/> says why.
    /// </summary>
    public async ValueTask<AuthenticatedUser?> NextAsync(CancellationToken cancellationToken)
    {
        while (Fault is null)
        {
            if (!await _transport.ReadAsync(cancellationToken))
            {
                Fault = $"the connection ended before the client was identified: {_transport.OutcomeText}";
                break;
            }
            _requestedAt = _time.GetTimestamp();
            await AnswerAsync(cancellationToken);
            if (_proved is not null)
                return _proved;
        }
        return null;
    }

    /// <summary>Tells the client that it is in. False: the connection is over.</summary>
    public ValueTask<bool> AcceptAsync(CancellationToken cancellationToken)
    {
        if (_proved is null)
            throw new InvalidOperationException("nobody was proved");
        _transport.IsAuthenticated = true;
        return SendAsync(_writer.Begin(MessageNumber.UserAuthSuccess), cancellationToken);
    }

    /// <summary>Tells the client what it hears of a wrong proof. The next proof may hold.</summary>
    public ValueTask RefuseAsync(string reason, CancellationToken cancellationToken)
    {
        var proved = _proved ?? throw new InvalidOperationException("nobody was proved");
        _proved = null;
        return FailAsync(proved.Method, ProofResult.Refuse(reason), proved.Fingerprint, cancellationToken);
    }

    /// <summary>A text that the client shows at once (RFC 4252 §5.4). False: the connection is over.</summary>
    public ValueTask<bool> SendBannerAsync(string text, CancellationToken cancellationToken) =>
        SendAsync(_writer.Begin(MessageNumber.UserAuthBanner).String(text.ReplaceLineEndings("\r\n")).String([]), cancellationToken);

    private ValueTask AnswerAsync(CancellationToken cancellationToken)
    {
        var reader = new SshReader(_transport.Message.Span);
        reader.TryReadMessageNumber(out var number);
        if (++_requests > MaxRequests)
            return EndAsync(DisconnectReason.NoMoreAuthMethodsAvailable, "too many requests", cancellationToken);
        switch (number)
        {
            // Some clients (paramiko) ask for the service before each method.
            case MessageNumber.ServiceRequest when reader.TryReadString(out var service) && reader.IsAtEnd:
                _hasService = service.SequenceEqual("ssh-userauth"u8);
                return _hasService
                    ? DiscardAsync(SendAsync(_writer.Begin(MessageNumber.ServiceAccept).String(service), cancellationToken))
                    : EndAsync(DisconnectReason.ServiceNotAvailable, "that service needs authentication first", cancellationToken);
            case MessageNumber.UserAuthRequest when _hasService:
                return AnswerRequestAsync(reader, cancellationToken);
            case MessageNumber.UserAuthInfoResponse when _isPrompting:
                return AnswerResponseAsync(cancellationToken);
            default:
                return EndAsync(DisconnectReason.ProtocolError, $"message {(byte)number} is not allowed before authentication",
                    cancellationToken);
        }
    }

    private ValueTask AnswerRequestAsync(SshReader reader, CancellationToken cancellationToken)
    {
        _isPrompting = false;
        if (!reader.TryReadString(out var user) || !reader.TryReadString(out var service) || !reader.TryReadString(out var method))
            return EndAsync(DisconnectReason.ProtocolError, "a malformed authentication request", cancellationToken);
        if (!Ascii.Equals(service, Service))
            return EndAsync(DisconnectReason.ServiceNotAvailable, "no such service", cancellationToken);
        // RFC 4252 §5 lets the name change and has the server forget; what is forgotten wrongly is somebody else's proof.
        if (_user is not null && !user.SequenceEqual(_user))
            return EndAsync(DisconnectReason.ProtocolError, "the user name changed between requests", cancellationToken);
        _user ??= user.ToArray();
        if (_login is null)
        {
            _login = SshLogin.Parse(user);
            if (_login is null)
                return EndAsync(DisconnectReason.IllegalUserName, "the user name is empty, too long or no text", cancellationToken);
            Named?.Invoke(_login);
        }
        if (method.SequenceEqual("publickey"u8))
            return AnswerPublicKeyAsync(reader, cancellationToken);
        if (method.SequenceEqual("password"u8))
            return CheckSecretAsync("password", SecretMethod.ReadPassword(reader, _transport.Message), cancellationToken);
        if (!method.SequenceEqual("keyboard-interactive"u8))
            return SendFailureAsync(cancellationToken);
        _isPrompting = true;
        return DiscardAsync(SendAsync(SecretMethod.Prompt(_writer), cancellationToken));
    }

    private ValueTask AnswerResponseAsync(CancellationToken cancellationToken)
    {
        _isPrompting = false;
        return CheckSecretAsync("keyboard-interactive", SecretMethod.ReadResponse(_transport.Message), cancellationToken);
    }

    private ValueTask AnswerPublicKeyAsync(SshReader reader, CancellationToken cancellationToken)
    {
        if (!PublicKeyRequest.TryRead(reader, out var request))
            return EndAsync(DisconnectReason.ProtocolError, "a malformed publickey request", cancellationToken);
        if (!request.IsSigned)
        {
            return _publicKey.MayDo(request)
                ? DiscardAsync(SendAsync(request.WriteOk(_writer), cancellationToken))
                : SendFailureAsync(cancellationToken);
        }
        var (result, proved) = _publicKey.Verify(_login!, request, request.WriteSigned(_writer, _transport.SessionId.Span, _user));
        if (proved is null)
            return FailAsync("publickey", result, request.Fingerprint, cancellationToken);
        _proved = proved;
        return ValueTask.CompletedTask;
    }

    private async ValueTask CheckSecretAsync(string method, OfferedSecret offered, CancellationToken cancellationToken)
    {
        var result = await _secret.VerifyAsync(_login!.Principal, offered, cancellationToken);
        if (result is { Outcome: ProofOutcome.Accepted, Principal: { } principal })
            _proved = new AuthenticatedUser { Principal = principal, Resource = _login.Resource, Method = method };
        else
            await FailAsync(method, result, null, cancellationToken);
    }

    private async ValueTask FailAsync(string method, ProofResult result, string? fingerprint, CancellationToken cancellationToken)
    {
        _refused(new RefusedProof(_login!.Principal, method, result.Outcome, result.Reason ?? "", fingerprint));
        // Counted from the request, so that what checking it took does not show.
        var left = FailureDelay - _time.GetElapsedTime(_requestedAt);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, _time, cancellationToken);
        if (++_attempts >= MaxAttempts)
            await EndAsync(DisconnectReason.NoMoreAuthMethodsAvailable, "too many authentication failures", cancellationToken);
        else
            await SendFailureAsync(cancellationToken);
    }

    private ValueTask SendFailureAsync(CancellationToken cancellationToken) => DiscardAsync(
        SendAsync(_writer.Begin(MessageNumber.UserAuthFailure).String(Methods).Boolean(false), cancellationToken));

    private async ValueTask EndAsync(DisconnectReason reason, string text, CancellationToken cancellationToken)
    {
        Fault = text;
        await _transport.DisconnectAsync(reason, text, cancellationToken);
    }

    private ValueTask<bool> SendAsync(SshWriter message, CancellationToken cancellationToken) =>
        _transport.SendAsync(message.WrittenMemory, cancellationToken);

    /// <summary>A connection that is over is met by the next read.</summary>
    private static async ValueTask DiscardAsync(ValueTask<bool> sending) => await sending;
}
