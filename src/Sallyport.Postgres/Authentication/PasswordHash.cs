using System.Security.Cryptography;
using System.Text;

namespace Sallyport.Postgres.Authentication;

/// <summary>
/// The answer to AuthenticationMD5Password: <c>md5</c> + hex(md5(hex(md5(password + user)) + salt)) (PostgreSQL manual, "Message
/// Flow").
/// </summary>
public static class PasswordHash
{
    public static byte[] Md5(ReadOnlySpan<byte> password, string user, ReadOnlySpan<byte> salt)
    {
#pragma warning disable CA5351 // The upstream asks for MD5; what to offer instead is its operator's choice.
        var inner = Convert.ToHexStringLower(MD5.HashData([.. password, .. Encoding.UTF8.GetBytes(user)]));
        return Encoding.ASCII.GetBytes("md5" + Convert.ToHexStringLower(MD5.HashData([.. Encoding.ASCII.GetBytes(inner), .. salt])));
#pragma warning restore CA5351
    }
}
