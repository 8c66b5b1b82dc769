using System.Security.Cryptography;

namespace Sallyport.Core;

/// <summary>
/// Where an upstream's secret comes from (<c>env:NAME</c>, <c>file:PATH</c>). Read at each use, so a rotated secret is met
/// without a restart. Has no ToString that shows anything.
/// </summary>
public interface ICredentialSource
{
    /// <summary>Where the secret is, safe to print: <c>env:SHOP_PASSWORD</c>.</summary>
    string Description { get; }

    /// <summary>Reads the secret. Null when it is not there; the caller says so by <see cref="Description"/> alone.</summary>
    CredentialHandle? Open();
}

/// <summary>A short-lived copy of a secret's bytes (UTF-8), zeroed on dispose. At most 64 KiB.</summary>
public sealed class CredentialHandle : IDisposable
{
    private byte[] _bytes;

    public CredentialHandle(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Value => _bytes;

    public override string ToString() => "(secret)";

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = [];
    }
}
