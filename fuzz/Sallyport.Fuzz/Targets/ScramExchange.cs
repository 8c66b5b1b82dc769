using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Fuzz.Targets;

/// <summary>SCRAM-SHA-256 as RFC 5802 §3 writes it down, for one password; and inputs that hold both messages of one side.</summary>
internal static class ScramExchange
{
    /// <summary>Ends the first message of an input.</summary>
    public const byte End = 0xFF;

    /// <summary>In an input: the other side's nonce, the right proof or signature, the right binding. None is known beforehand.</summary>
    public const char Nonce = '\u0001', Right = '\u0002', Binding = '\u0003';

    public const int Iterations = 4096;

    public static readonly byte[] Password = Encoding.ASCII.GetBytes("pencil");
    public static readonly byte[] Salt = Encoding.ASCII.GetBytes("0123456789abcdef");
    public static readonly byte[] Certificate = SHA256.HashData("certificate"u8);
    public static readonly Principal Bot = new() { Name = "bot-7" };

    private static readonly byte[] Salted = SaltPassword(Password, Salt, Iterations);

    public static readonly ScramVerifiers Known = new(Salt, Iterations,
        [
            new ScramKeys(SHA256.HashData("another"u8), SHA256.HashData("another"u8), new Principal { Name = "another" }),
            new ScramKeys(SHA256.HashData(ClientKey(Salted)), ServerKey(Salted), Bot),
        ]);

    public static readonly ScramVerifiers Unknown = new(Salt, Iterations, []);

    /// <summary>Latin-1, so that every byte is a letter.</summary>
    public static (string First, string Final) Messages(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf(End);
        return end < 0
            ? (Encoding.Latin1.GetString(input), "")
            : (Encoding.Latin1.GetString(input[..end]), Encoding.Latin1.GetString(input[(end + 1)..]));
    }

    /// <summary>ClientProof := ClientKey XOR HMAC(H(ClientKey), AuthMessage).</summary>
    public static string Proof(string authMessage) => Proof(Salted, authMessage);

    public static string Proof(byte[] salted, string authMessage)
    {
        var key = ClientKey(salted);
        var signature = HMACSHA256.HashData(SHA256.HashData(key), Encoding.Latin1.GetBytes(authMessage));
        return Convert.ToBase64String([.. key.Zip(signature, static (one, other) => (byte)(one ^ other))]);
    }

    /// <summary>ServerSignature := HMAC(ServerKey, AuthMessage).</summary>
    public static string Signature(string authMessage) => Signature(Salted, authMessage);

    public static string Signature(byte[] salted, string authMessage) =>
        Convert.ToBase64String(HMACSHA256.HashData(ServerKey(salted), Encoding.Latin1.GetBytes(authMessage)));

    /// <summary>SaltedPassword := Hi(password, salt, i).</summary>
    public static byte[] SaltPassword(byte[] password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    private static byte[] ClientKey(byte[] salted) => HMACSHA256.HashData(salted, "Client Key"u8);

    private static byte[] ServerKey(byte[] salted) => HMACSHA256.HashData(salted, "Server Key"u8);
}
