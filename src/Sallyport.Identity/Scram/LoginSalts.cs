using System.Security.Cryptography;
using System.Text;
using Sallyport.Shared;

namespace Sallyport.Identity;

/// <summary>
/// The salt of each login: HMAC-SHA-256 of the lower-cased login under the gateway's key, cut to 16 bytes. The same for all
/// secrets of a login, and an unknown login has a stable one too, so that asking twice does not tell it from a known one.
/// </summary>
public sealed class LoginSalts
{
    private const int KeyLength = 32;
    private readonly byte[] _key;

    /// <param name="key">32 random bytes. Losing them makes every issued secret useless.</param>
    public LoginSalts(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        _key = key.ToArray();
    }

    /// <summary>
    /// Reads the key from a file, which is made (mode 0600) when there is none. Null and an error when that cannot be done or
    /// the file is not a key.
    /// </summary>
    public static LoginSalts? LoadOrCreate(string path, out string? error)
    {
        error = null;
        try
        {
            if (!File.Exists(path))
                PrivateFiles.WriteNew(path, RandomNumberGenerator.GetBytes(KeyLength));
            var key = File.ReadAllBytes(path);
            if (key.Length == KeyLength)
                return new LoginSalts(key);
            error = $"{path} is not a key of {KeyLength} bytes";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"the key {path} can be neither read nor made: {e.Message}";
        }
        return null;
    }

    public byte[] Of(string login) => Keyed("salt:", login)[..ScramSha256.SaltLength];

    /// <summary>A keyed hash that names a secret without telling anything of it.</summary>
    internal byte[] Fingerprint(string login, ReadOnlySpan<byte> secret)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData("secret:"u8);
        hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(login.ToLowerInvariant())));
        hash.AppendData(secret);
        return hash.GetHashAndReset();
    }

    private byte[] Keyed(string purpose, string login) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(purpose + login.ToLowerInvariant()));
}
