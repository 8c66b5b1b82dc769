using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Sallyport.Testing.Wire;

/// <summary>The client's half of SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677), for one login.</summary>
public sealed class ScramClient
{
    // The costly step, a function of these three alone: who logs in a thousand times pays for it once.
    private static readonly ConcurrentDictionary<(string Password, string Salt, int Iterations), byte[]> Salted = new();

    private readonly string _password;
    private readonly string _firstBare = "n=,r=" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
    private byte[] _serverSignature = [];

    public ScramClient(string password)
    {
        _password = password;
    }

    public string First => "n,," + _firstBare;

    /// <summary>Answers the server's first message.</summary>
    public string Final(string serverFirst)
    {
        var fields = Fields(serverFirst);
        var salted = Salted.GetOrAdd((_password, fields['s'], int.Parse(fields['i'])), static key =>
            Rfc2898DeriveBytes.Pbkdf2(key.Password, Convert.FromBase64String(key.Salt), key.Iterations, HashAlgorithmName.SHA256, 32));
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var withoutProof = "c=biws,r=" + fields['r'];
        var signed = Encoding.UTF8.GetBytes($"{_firstBare},{serverFirst},{withoutProof}");
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), signed);
        _serverSignature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), signed);
        var proof = clientKey.Zip(signature, (key, mask) => (byte)(key ^ mask)).ToArray();
        return $"{withoutProof},p={Convert.ToBase64String(proof)}";
    }

    /// <summary>Whether the server proved that it knows the verifier.</summary>
    public bool Trusts(string serverFinal) => Fields(serverFinal).TryGetValue('v', out var proof)
        && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(proof), _serverSignature);

    private static Dictionary<char, string> Fields(string message) =>
        message.Split(',').Where(field => field.Length >= 2).ToDictionary(field => field[0], field => field[2..]);
}
