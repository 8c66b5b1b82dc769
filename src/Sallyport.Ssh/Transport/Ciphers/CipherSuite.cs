using System.Security.Cryptography;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>A cipher's name with what it needs; makes it.</summary>
internal sealed record CipherSuite(string Name, int KeyLength, int IvLength, bool HasOwnTag)
{
    private static readonly CipherSuite[] All =
    [
        new("aes128-gcm@openssh.com", 16, 12, true),
        new("aes256-gcm@openssh.com", 32, 12, true),
        new("chacha20-poly1305@openssh.com", 64, 0, true),
        new("aes128-ctr", 16, 16, false),
        new("aes256-ctr", 32, 16, false),
    ];

    /// <exception cref="NotSupportedException">Nobody knows the name here.</exception>
    public static CipherSuite Of(string name) =>
        Array.Find(All, c => c.Name == name) ?? throw new NotSupportedException($"There is no cipher '{name}'.");

    /// <summary>0 when there is no MAC.</summary>
    public static int MacKeyLength(string mac) => mac switch
    {
        "" => 0,
        "hmac-sha2-256" or "hmac-sha2-256-etm@openssh.com" => 32,
        "hmac-sha2-512" or "hmac-sha2-512-etm@openssh.com" => 64,
        _ => throw new NotSupportedException($"There is no MAC '{mac}'."),
    };

    public PacketCipher Create(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, string mac, ReadOnlySpan<byte> macKey)
    {
        if (IvLength == 12)
            return new AesGcmCipher(key, iv);
        if (HasOwnTag)
            return new ChaChaPolyCipher(key);
        var hash = macKey.Length == 32 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512;
        return new AesCtrCipher(key, iv, hash, macKey, mac.EndsWith("-etm@openssh.com", StringComparison.Ordinal));
    }
}
