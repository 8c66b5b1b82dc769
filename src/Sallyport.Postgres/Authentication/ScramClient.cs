using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sallyport.Postgres.Authentication;

/// <summary>
/// The client's side of one SCRAM-SHA-256(-PLUS) exchange with an upstream (RFC 5802, RFC 7677). Single use. A hostile upstream
/// cannot make it work without bound: iterations and lengths are capped.
/// </summary>
public sealed class ScramClient : IDisposable
{
    private const int MaxIterations = 1_000_000;

    private readonly byte[] _password;
    private readonly string _gs2Header;
    private readonly byte[] _channelBinding;
    private readonly string _clientNonce;
    private byte[] _serverSignature = [];

    /// <param name="password">UTF-8; copied and zeroed on dispose.</param>
    /// <param name="channelBinding">For -PLUS: the hash of the upstream's certificate; else null.</param>
    public ScramClient(ReadOnlySpan<byte> password, byte[]? channelBinding)
    {
        _password = password.ToArray();
        _channelBinding = channelBinding ?? [];
        _gs2Header = channelBinding is null ? "n,," : "p=tls-server-end-point,,";
        _clientNonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
    }

    public byte[] First() => Encoding.ASCII.GetBytes($"{_gs2Header}n=,r={_clientNonce}");

    /// <summary>
    /// Answers client-final-message, or null when server-first-message is not one. Does the PBKDF2 work: not for an I/O thread.
    /// </summary>
    public byte[]? Final(ReadOnlySpan<byte> serverFirst)
    {
        if (serverFirst.Length > 4096 || !Ascii.IsValid(serverFirst))
            return null;
        var message = Encoding.ASCII.GetString(serverFirst);
        var parts = message.Split(',');
        if (parts.Length < 3 || !parts[0].StartsWith("r=" + _clientNonce, StringComparison.Ordinal) ||
            parts[0].Length <= _clientNonce.Length + 2 || !ScramServer.IsPrintable(parts[0]) ||
            !parts[1].StartsWith("s=", StringComparison.Ordinal) || !Base64.IsValid(parts[1].AsSpan(2)) ||
            !parts[2].StartsWith("i=", StringComparison.Ordinal) || !ScramServer.IsPrintable(parts[2]) ||
            !int.TryParse(parts[2].AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) ||
            iterations is < 1 or > MaxIterations)
            return null;
        var salt = Convert.FromBase64String(parts[1][2..]);
        byte[] binding = [.. Encoding.ASCII.GetBytes(_gs2Header), .. _channelBinding];
        var withoutProof = $"c={Convert.ToBase64String(binding)},{parts[0]}";
        var authMessage = Encoding.ASCII.GetBytes($"n=,r={_clientNonce},{message},{withoutProof}");

        var salted = Rfc2898DeriveBytes.Pbkdf2(_password, salt, iterations, HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), authMessage);
        for (var i = 0; i < signature.Length; i++)
            signature[i] ^= clientKey[i];
        _serverSignature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), authMessage);
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return Encoding.ASCII.GetBytes($"{withoutProof},p={Convert.ToBase64String(signature)}");
    }

    /// <summary>Whether the upstream proved that it knows the secret too.</summary>
    public bool Verify(ReadOnlySpan<byte> serverFinal)
    {
        Span<byte> signature = stackalloc byte[64];
        return serverFinal.StartsWith("v="u8) && serverFinal.Length <= 64 &&
               Base64.DecodeFromUtf8(serverFinal[2..], signature, out _, out var written) == System.Buffers.OperationStatus.Done &&
               _serverSignature.Length == 32 && CryptographicOperations.FixedTimeEquals(signature[..written], _serverSignature);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_password);
}
