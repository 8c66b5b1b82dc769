using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Authentication;

/// <summary>A secret as it lies in the message, or why there is none.</summary>
internal readonly record struct OfferedSecret(ReadOnlyMemory<byte> Value, string? Fault);

/// <summary>Judges what <c>password</c> and <c>keyboard-interactive</c> bring: an issued secret or a token, the same for both.</summary>
internal sealed class SecretMethod(IIdentityVerifier identity)
{
    /// <summary>Where OpenSSH cuts every password, typed or piped in.</summary>
    private const int OpenSshLimit = 1023;

    /// <summary>RFC 4252 §8: whether it is a change, the password.</summary>
    /// <param name="reader">Behind the method's name.</param>
    /// <param name="message">What the reader reads.</param>
    public static OfferedSecret ReadPassword(SshReader reader, ReadOnlyMemory<byte> message)
    {
        if (!reader.TryReadBoolean(out var isChange) || isChange)
            return new(default, "the client wants to change the password, which is not done here");
        return reader.TryReadString(out var password) && reader.IsAtEnd
            ? new(message[^password.Length..], null)
            : new(default, "the request is malformed");
    }

    /// <summary>SSH_MSG_USERAUTH_INFO_REQUEST: one prompt without echo (RFC 4256 §3.2), in the words that sshpass looks for.</summary>
    public static SshWriter Prompt(SshWriter writer) => writer.Begin(MessageNumber.UserAuthMethod).String([]).String([]).String([])
        .UInt32(1).String("Password: "u8).Boolean(false);

    /// <summary>
    /// SSH_MSG_USERAUTH_INFO_RESPONSE. As many answers as there were prompts, or it fails (RFC 4256 §3.4); nothing is made room for by
    /// the number that the client says.
    /// </summary>
    public static OfferedSecret ReadResponse(ReadOnlyMemory<byte> message)
    {
        var reader = new SshReader(message.Span[1..]);
        return reader.TryReadUInt32(out var count) && count == 1 && reader.TryReadString(out var answer) && reader.IsAtEnd
            ? new(message[^answer.Length..], null)
            : new(default, "the client did not answer the one prompt");
    }

    public async ValueTask<ProofResult> VerifyAsync(string login, OfferedSecret offered, CancellationToken cancellationToken)
    {
        if (offered.Fault is not null)
            return ProofResult.Refuse(offered.Fault);
        var secret = offered.Value;
        if (!secret.Span.StartsWith("eyJ"u8))
        {
            // PBKDF2: not on the thread that serves sockets.
            return await Task.Run(() => identity.VerifySecretAsync(login, secret, cancellationToken).AsTask(), cancellationToken);
        }
        // A JWS in its compact form (RFC 7515 §7.1): base64url of {", and two dots. An issued secret has none.
        var isWhole = secret.Span.Count((byte)'.') == 2;
        var result = isWhole
            ? await identity.VerifyTokenAsync(login, Encoding.UTF8.GetString(secret.Span), cancellationToken)
            : await Task.Run(() => identity.VerifySecretAsync(login, secret, cancellationToken).AsTask(), cancellationToken);
        return result.Outcome == ProofOutcome.Refused && secret.Length == OpenSshLimit
            ? ProofResult.Refuse($"the token was cut by the client: OpenSSH sends no more than {OpenSshLimit} bytes of a password")
            : result;
    }
}
