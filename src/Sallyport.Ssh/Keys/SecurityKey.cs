using System.Security.Cryptography;
using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys;

/// <summary>
/// What a key in a FIDO token has beside its point (OpenSSH's PROTOCOL.u2f): the application it was made for. Its signatures cover
/// flags and a counter that the token kept; one made without a touch is refused.
/// </summary>
internal sealed class SecurityKey
{
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const int MaxApplication = 256;
    private readonly byte[] _application;

    private SecurityKey(byte[] application) => _application = application;

    /// <summary>Reads nothing, and gives null, where the key is not one.</summary>
    public static bool TryRead(bool isSecurityKey, ref SshReader reader, out SecurityKey? securityKey)
    {
        securityKey = null;
        if (!isSecurityKey)
            return true;
        // Tokens bind keys of web sites to "https://…": such a key must never do for SSH.
        if (!reader.TryReadString(out var application) || application.Length > MaxApplication ||
            !application.StartsWith("ssh:"u8) || !Ascii.IsValid(application))
            return false;
        securityKey = new SecurityKey(SHA256.HashData(application));
        return true;
    }

    /// <summary>What the token signed: the application's hash, flags, counter, the data's hash. Null when the flags do not do.</summary>
    public byte[]? SignedData(ReadOnlySpan<byte> flagsAndCounter, ReadOnlySpan<byte> data, bool needsUserVerification)
    {
        var needed = UserPresent | (needsUserVerification ? UserVerified : 0);
        if (flagsAndCounter.Length != 5 || (flagsAndCounter[0] & needed) != needed)
            return null;
        return [.. _application, .. flagsAndCounter, .. SHA256.HashData(data)];
    }
}
