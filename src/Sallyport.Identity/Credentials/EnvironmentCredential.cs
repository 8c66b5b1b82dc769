using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>A secret in an environment variable. There is none when it is unset, empty or longer than 64 KiB.</summary>
public sealed class EnvironmentCredential : ICredentialSource
{
    private readonly string _name;

    public EnvironmentCredential(string name) => _name = name;

    public string Description => "env:" + _name;

    public CredentialHandle? Open()
    {
        if (Environment.GetEnvironmentVariable(_name) is not { Length: > 0 } value ||
            Encoding.UTF8.GetByteCount(value) > CredentialSources.MaxLength)
            return null;
        var bytes = Encoding.UTF8.GetBytes(value);
        var trimmed = CredentialSources.TrimNewline(bytes).ToArray();
        CryptographicOperations.ZeroMemory(bytes);
        return trimmed.Length == 0 ? null : new CredentialHandle(trimmed);
    }
}
