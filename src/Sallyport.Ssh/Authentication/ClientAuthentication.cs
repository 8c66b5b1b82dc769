using System.Text;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Authentication;

/// <summary>
/// The client's half of user authentication (RFC 4252, RFC 4256). It asks with <c>none</c> what the server takes, and offers a credential
/// only to a method that the server named after that. It is the transport's only reader and writer meanwhile.
/// </summary>
public sealed class ClientAuthentication
{
    private const int MaxMessages = 64;
    private readonly SshTransport _transport;
    private readonly ClientCredentials _credentials;
    private readonly SshWriter _writer = new();
    private readonly List<string> _tried = [];
    private int _messages;

    /// <param name="transport">Started, in the client's role: the server's key is verified.</param>
    /// <param name="credentials">Whom to be, and by what.</param>
    public ClientAuthentication(SshTransport transport, ClientCredentials credentials)
    {
        _transport = transport;
        _credentials = credentials;
    }

    /// <summary>Logs in. After a failure the connection is of no more use.</summary>
    public async ValueTask<ClientAuthenticationResult> RunAsync(CancellationToken cancellationToken)
    {
        await SendAsync(_writer.Begin(MessageNumber.ServiceRequest).String("ssh-userauth"u8), cancellationToken);
        if (await ReadAsync(cancellationToken) is not MessageNumber.ServiceAccept)
            return Failed("the server does not offer authentication");
        await SendAsync(Request("none"), cancellationToken);
        var answer = await ReadAnswerAsync(cancellationToken);
        if (answer is { IsSuccess: false, IsOver: false } && answer.Allows("publickey"))
            answer = await TryKeysAsync(answer, cancellationToken);
        if (_credentials.Password is { } password)
        {
            if (answer is { IsSuccess: false, IsOver: false } && answer.Allows("password"))
                answer = await TryPasswordAsync(password, cancellationToken);
            if (answer is { IsSuccess: false, IsOver: false } && answer.Allows("keyboard-interactive"))
                answer = await TryPromptsAsync(password, cancellationToken);
        }
        if (answer.IsSuccess)
        {
            _transport.IsAuthenticated = true;
            return new ClientAuthenticationResult(_tried.Count == 0 ? "none" : _tried[^1], null);
        }
        if (answer.IsOver)
            return Failed(answer.Text);
        var tried = _tried.Count == 0 ? "nothing that is configured" : string.Join(", ", _tried);
        return Failed($"the server takes {answer.Text}; it refused or was not offered {tried}");
    }

    private async ValueTask<Answer> TryKeysAsync(Answer answer, CancellationToken cancellationToken)
    {
        foreach (var signer in _credentials.Signers)
        {
            if (ChooseAlgorithm(signer) is not { } algorithm)
                continue;
            _tried.Add("publickey");
            var request = Request("publickey").Boolean(true).String(algorithm).String(signer.PublicKey.Span).WrittenMemory;
            var signed = new SshWriter(1024).String(_transport.SessionId.Span).Bytes(request.Span);
            await SendAsync(_writer.String(signer.Sign(algorithm, signed.Written)), cancellationToken);
            answer = await ReadAnswerAsync(cancellationToken);
            if (answer.IsSuccess || answer.IsOver || answer.IsPartial || !answer.Allows("publickey"))
                break;
        }
        return answer;
    }

    /// <summary>The best that the server said it verifies (RFC 8308 §3.1); null when there is none. One that said nothing is old.</summary>
    private string? ChooseAlgorithm(ISigner signer) => _transport.PeerSignatureAlgorithms is not { } known
        ? signer.Algorithms[0]
        : signer.Algorithms.FirstOrDefault(a => known.Contains(a) || known.Contains(KeyAlgorithm.Find(a)?.SignatureName ?? a));

    private async ValueTask<Answer> TryPasswordAsync(ICredentialSource source, CancellationToken cancellationToken)
    {
        if (!await SendSecretAsync(Request("password").Boolean(false), source, cancellationToken))
            return Answer.Over($"the password cannot be read ({source.Description}) or sent");
        _tried.Add("password");
        return await ReadAnswerAsync(cancellationToken, onMethodMessage: "the server asks for a new password: the account's has expired");
    }

    private async ValueTask<Answer> TryPromptsAsync(ICredentialSource source, CancellationToken cancellationToken)
    {
        await SendAsync(Request("keyboard-interactive").String([]).String([]), cancellationToken);
        _tried.Add("keyboard-interactive");
        var isAnswered = false;
        while (true)
        {
            var answer = await ReadAnswerAsync(cancellationToken, onMethodMessage: "");
            if (answer is not { IsOver: true, Text: "" })
                return answer;
            switch (ReadPrompts())
            {
                case 0:
                    await SendAsync(_writer.Begin(MessageNumber.UserAuthInfoResponse).UInt32(0), cancellationToken);
                    break;
                case 1 when !isAnswered:
                    isAnswered = true;
                    if (!await SendSecretAsync(_writer.Begin(MessageNumber.UserAuthInfoResponse).UInt32(1), source, cancellationToken))
                        return Answer.Over($"the password cannot be read ({source.Description}) or sent");
                    break;
                default:
                    // A second question is for something else (a one-time code): the password is not its answer.
                    return Answer.Over("the server's prompts ask for more than a password");
            }
        }
    }

    /// <summary>How many secrets the INFO_REQUEST asks for: 0, 1, or -1 for what a password does not answer.</summary>
    private int ReadPrompts()
    {
        var reader = new SshReader(_transport.Message.Span[1..]);
        if (!reader.TryReadString(out _) || !reader.TryReadString(out _) || !reader.TryReadString(out _) ||
            !reader.TryReadUInt32(out var count) || count > 1)
            return -1;
        if (count == 0)
            return 0;
        return reader.TryReadString(out _) && reader.TryReadBoolean(out var isEchoed) && !isEchoed ? 1 : -1;
    }

    /// <summary>What the server says to a request. Other than the two answers, only a message of the method itself may come.</summary>
    private async ValueTask<Answer> ReadAnswerAsync(CancellationToken cancellationToken, string? onMethodMessage = null)
    {
        switch (await ReadAsync(cancellationToken))
        {
            case MessageNumber.UserAuthSuccess when _transport.Message.Length == 1:
                return Answer.Success;
            case MessageNumber.UserAuthFailure when ReadFailure() is { } failure:
                return failure;
            case MessageNumber.UserAuthMethod when onMethodMessage is not null:
                return Answer.Over(onMethodMessage);
            case null:
                return Answer.Over($"the connection ended: {_transport.OutcomeText}");
            default:
                await _transport.DisconnectAsync(DisconnectReason.ProtocolError, "not an answer to an authentication request",
                    cancellationToken);
                return Answer.Over("the server broke the authentication protocol");
        }
    }

    private Answer? ReadFailure()
    {
        var reader = new SshReader(_transport.Message.Span[1..]);
        return reader.TryReadString(out var methods) && !methods.ContainsAnyExceptInRange((byte)'!', (byte)'~') && methods.Length <= 1024 &&
            reader.TryReadBoolean(out var isPartial) && reader.IsAtEnd
            ? new Answer(false, false, isPartial, Encoding.ASCII.GetString(methods))
            : null;
    }

    /// <summary>The number of the next message; banners, which the upstream may send at any time, are passed over. Null: it is over.</summary>
    private async ValueTask<MessageNumber?> ReadAsync(CancellationToken cancellationToken)
    {
        while (++_messages <= MaxMessages && await _transport.ReadAsync(cancellationToken))
        {
            var number = (MessageNumber)_transport.Message.Span[0];
            if (number != MessageNumber.UserAuthBanner)
                return number;
        }
        return null;
    }

    private SshWriter Request(string method) =>
        _writer.Begin(MessageNumber.UserAuthRequest).String(_credentials.User).String("ssh-connection"u8).String(method);

    private ValueTask<bool> SendAsync(SshWriter message, CancellationToken cancellationToken) =>
        _transport.SendAsync(message.WrittenMemory, cancellationToken);

    /// <summary>The secret goes from its handle into the transport, and into no buffer between.</summary>
    private async ValueTask<bool> SendSecretAsync(SshWriter head, ICredentialSource source, CancellationToken cancellationToken)
    {
        using var secret = source.Open();
        if (secret is null)
            return false;
        head.UInt32((uint)secret.Value.Length);
        while (!_transport.TryWrite(head.Written, secret.Value))
        {
            if (!await _transport.WaitWritableAsync(cancellationToken))
                return false;
        }
        return await _transport.FlushAsync(cancellationToken);
    }

    private static ClientAuthenticationResult Failed(string why) => new(null, why);

    /// <param name="IsSuccess">In.</param>
    /// <param name="IsOver">Nothing more can be tried; <paramref name="Text"/> says why.</param>
    /// <param name="IsPartial">The method did, and another one is needed too.</param>
    /// <param name="Text">Otherwise the methods that can go on, with commas between.</param>
    private readonly record struct Answer(bool IsSuccess, bool IsOver, bool IsPartial, string Text)
    {
        public static Answer Success { get; } = new(true, false, false, "");

        public static Answer Over(string why) => new(false, true, false, why);

        public bool Allows(string method) => Text.Split(',').Contains(method);
    }
}
