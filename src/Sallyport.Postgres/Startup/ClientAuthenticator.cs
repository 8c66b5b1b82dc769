using System.IO.Pipelines;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Authentication;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Startup;

/// <summary>
/// Proves a client (PostgreSQL manual, "SASL Authentication"): SCRAM-SHA-256(-PLUS) or, under TLS and for logins that tokens may name,
/// the password field with a token or a secret. Success is not told here: the caller opens the session first,
/// so that a forbidden resource and a wrong proof look the same.
/// </summary>
internal sealed class ClientAuthenticator
{
    private const int MaxPassword = 32 * 1024;

    private readonly IDuplexPipe _pipe;
    private readonly IIdentityVerifier _identity;
    private readonly byte[]? _channelBinding;
    private readonly bool _isTls;

    public ClientAuthenticator(IDuplexPipe pipe, IIdentityVerifier identity, bool isTls, byte[]? channelBinding)
    {
        _pipe = pipe;
        _identity = identity;
        _isTls = isTls;
        _channelBinding = channelBinding;
    }

    /// <summary>
    /// The client gave a proof that was looked at. One that only asked how to prove itself (psql before its prompt) did not.
    /// </summary>
    public bool HasOffered { get; private set; }

    /// <summary>What is to be sent before AuthenticationOk once the session is open; empty after a token.</summary>
    public byte[] ServerFinal { get; private set; } = [];

    public async ValueTask<ProofResult> RunAsync(string login, CancellationToken cancellationToken)
    {
        return _isTls && _identity.AsksForToken(login)
            ? await ClearAsync(login, cancellationToken)
            : await ScramAsync(_identity.FindScramVerifiers(login), cancellationToken);
    }

    private async ValueTask<ProofResult> ClearAsync(string login, CancellationToken cancellationToken)
    {
        MessageWriter.WriteAuthentication(_pipe.Output, 3, []);
        if (await NextAsync(cancellationToken) is not { } body || !TryPassword(body, out var password))
            return ProofResult.Refuse("the client closed or sent no password");
        HasOffered = true;
        if (IsToken(password))
            return await _identity.VerifyTokenAsync(login, password, cancellationToken);
        // PBKDF2: not on the thread that serves sockets.
        var secret = Encoding.UTF8.GetBytes(password);
        return await Task.Run(() => _identity.VerifySecretAsync(login, secret, cancellationToken).AsTask(), cancellationToken);
    }

    /// <summary>A JWS in its compact form (RFC 7515 §7.1): base64url of <c>{"</c>, and two dots. An issued secret has none.</summary>
    private static bool IsToken(string password) =>
        password.StartsWith("eyJ", StringComparison.Ordinal) && password.AsSpan().Count('.') == 2;

    private async ValueTask<ProofResult> ScramAsync(ScramVerifiers verifiers, CancellationToken cancellationToken)
    {
        byte[] mechanisms = _channelBinding is null
            ? [.. "SCRAM-SHA-256\0\0"u8]
            : [.. "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"u8];
        MessageWriter.WriteAuthentication(_pipe.Output, 10, mechanisms);
        if (await NextAsync(cancellationToken) is not { } initial || !TryInitial(initial, out var mechanism, out var first))
            return ProofResult.Refuse("the client closed or sent no SASL response");
        var isPlus = mechanism == ScramServer.MechanismPlus && _channelBinding is not null;
        if (!isPlus && mechanism != ScramServer.Mechanism)
            return ProofResult.Refuse("the client chose a mechanism that was not offered");
        var scram = new ScramServer(verifiers, isPlus, _channelBinding);
        if (scram.First(first) is not { } serverFirst)
            return ProofResult.Refuse("the client's first SCRAM message cannot be read, or its channel binding was stripped");
        MessageWriter.WriteAuthentication(_pipe.Output, 11, serverFirst);
        if (await NextAsync(cancellationToken) is not { } final)
            return ProofResult.Refuse("the client closed before its proof");
        HasOffered = true;
        if (scram.Final(final) is not { } proved)
            return ProofResult.Refuse("wrong secret or unknown login");
        ServerFinal = proved.ServerFinal;
        return ProofResult.Accept(isPlus ? proved.Principal with { Proof = proved.Principal.Proof + "+cb" } : proved.Principal);
    }

    private async ValueTask<byte[]?> NextAsync(CancellationToken cancellationToken)
    {
        await _pipe.Output.FlushAsync(cancellationToken);
        var message = await MessageStream.ReadAsync(_pipe.Input, MaxPassword, cancellationToken);
        return message.Type == ClientMessage.Password ? message.Body : null;
    }

    private static bool TryInitial(byte[] body, out string mechanism, out byte[] first)
    {
        mechanism = "";
        first = [];
        var reader = new BodyReader(body);
        if (!reader.TryCString(out var name) || !reader.TryInt32(out var length) || length != reader.Remaining)
            return false;
        mechanism = Encoding.ASCII.GetString(name);
        first = reader.Rest.ToArray();
        return true;
    }

    private static bool TryPassword(byte[] body, out string password)
    {
        var reader = new BodyReader(body);
        var isPassword = reader.TryCString(out var value) && reader.Remaining == 0;
        password = isPassword ? Encoding.UTF8.GetString(value) : "";
        return isPassword;
    }
}
