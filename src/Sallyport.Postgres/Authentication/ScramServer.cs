using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Authentication;

/// <summary>
/// The server's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange (RFC 5802, RFC 7677; channel binding
/// <c>tls-server-end-point</c>, RFC 5929). Single use. Refuses in the same way and after the same work whether the login is unknown
/// or the proof is wrong.
/// </summary>
public sealed class ScramServer
{
    public const string Mechanism = "SCRAM-SHA-256";
    public const string MechanismPlus = "SCRAM-SHA-256-PLUS";

    private readonly ScramVerifiers _verifiers;
    private readonly byte[]? _channelBinding;
    private readonly bool _plus;
    private readonly string _serverNonce;
    private string _gs2Header = "";
    private string _clientFirstBare = "";
    private string _serverFirst = "";
    private string _nonce = "";

    /// <param name="verifiers">Of the login that the startup message named; the name inside SCRAM is ignored, as PostgreSQL does.</param>
    /// <param name="plus">Whether the client chose the -PLUS mechanism.</param>
    /// <param name="channelBinding">The hash of the certificate that the client saw; null without TLS.</param>
    public ScramServer(ScramVerifiers verifiers, bool plus, byte[]? channelBinding)
    {
        _verifiers = verifiers;
        _plus = plus;
        _channelBinding = channelBinding;
        _serverNonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
    }

    /// <summary>Reads client-first-message; answers server-first-message, or null when it is not one.</summary>
    public byte[]? First(ReadOnlySpan<byte> message)
    {
        if (!TryAscii(message, out var text))
            return null;
        // gs2-header: cbind-flag "," [authzid] ","
        var flagEnd = text.IndexOf(',', StringComparison.Ordinal);
        var headerEnd = flagEnd < 0 ? -1 : text.IndexOf(',', flagEnd + 1);
        if (headerEnd < 0 || headerEnd != flagEnd + 1)
            return null;
        var flag = text[..flagEnd];
        // "y" from a client that was offered -PLUS means somebody on the way took the offer out.
        var isFlagRight = _plus ? flag == "p=tls-server-end-point" : flag == "n" || (flag == "y" && _channelBinding is null);
        if (!isFlagRight || (_plus && _channelBinding is null))
            return null;
        _gs2Header = text[..(headerEnd + 1)];
        _clientFirstBare = text[(headerEnd + 1)..];
        var parts = _clientFirstBare.Split(',');
        if (parts.Length < 2 || !parts[0].StartsWith("n=", StringComparison.Ordinal) ||
            !parts[1].StartsWith("r=", StringComparison.Ordinal) ||
            parts[1].Length is < 10 or > 258 || !IsPrintable(parts[1]))
            return null;
        _nonce = parts[1][2..] + _serverNonce;
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_verifiers.Salt)},i={_verifiers.Iterations}";
        return Encoding.ASCII.GetBytes(_serverFirst);
    }

    /// <summary>Reads client-final-message; answers server-final-message and whom it proves, or null.</summary>
    public (byte[] ServerFinal, Principal Principal)? Final(ReadOnlySpan<byte> message)
    {
        if (_nonce.Length == 0 || !TryAscii(message, out var text))
            return null;
        var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0)
            return null;
        var withoutProof = text[..proofAt];
        Span<byte> proof = stackalloc byte[64];
        if (!Convert.TryFromBase64String(text[(proofAt + 3)..], proof, out var written) || written != 32)
            return null;
        proof = proof[..32];
        byte[] binding = [.. Encoding.ASCII.GetBytes(_gs2Header), .. _plus ? _channelBinding! : []];
        if (withoutProof != $"c={Convert.ToBase64String(binding)},r={_nonce}")
            return null;

        var authMessage = Encoding.ASCII.GetBytes($"{_clientFirstBare},{_serverFirst},{withoutProof}");
        ScramKeys? proved = null;
        var none = new ScramKeys(new byte[32], new byte[32], NobodyPrincipal);
        // At least one round, so that an unknown login costs what a wrong proof costs.
        foreach (var keys in _verifiers.Keys.Count == 0 ? [none] : _verifiers.Keys)
        {
            if (Proves(keys, authMessage, proof) && !ReferenceEquals(keys, none))
                proved ??= keys;
        }
        if (proved is null)
            return null;
        var signature = HMACSHA256.HashData(proved.ServerKey, authMessage);
        return (Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(signature)), proved.Principal);
    }

    private static readonly Principal NobodyPrincipal = new() { Name = "" };

    private static bool Proves(ScramKeys keys, byte[] authMessage, ReadOnlySpan<byte> proof)
    {
        Span<byte> clientKey = stackalloc byte[32];
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(keys.StoredKey, authMessage, clientKey);
        for (var i = 0; i < 32; i++)
            clientKey[i] ^= proof[i];
        SHA256.HashData(clientKey, hash);
        return CryptographicOperations.FixedTimeEquals(hash, keys.StoredKey);
    }

    // RFC 5802 §7: printable = %x21-2B / %x2D-7E.
    internal static bool IsPrintable(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('!', '~') && !text.Contains(',');

    private static bool TryAscii(ReadOnlySpan<byte> message, out string text)
    {
        var isText = message.Length <= 4096 && Ascii.IsValid(message);
        text = isText ? Encoding.ASCII.GetString(message) : "";
        return isText;
    }
}
